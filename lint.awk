function say(what) { printf "line %d: %s\n", NR, what }
/(should|could|would) have/           { say("counterfactual: write what did happen") }
/human error|root cause|careless/     { say("a verdict: ask how it made sense then") }
/(many|some|most) (customers|users)/  { say("harm without a number") }
/^[0-9][0-9]:[0-9][0-9]/ && !/UTC/    { say("time without a zone") }
/^[0-9][0-9]:[0-9][0-9]/ && !/\)$/    { say("no evidence named") }
