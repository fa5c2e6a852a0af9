package search

// abbreviations are general ones of engineering and other names of the same thing,
// one group a line: everyone in the field knows them and no glossary has to explain
// them, but a page may use one and its reader the other. What an organisation means
// by its own acronyms belongs in a glossary, whose terms count in the same way.
const abbreviations = `
2FA = MFA = two-factor authentication = multi-factor authentication
A/B test = split test
a11y = accessibility
ACL = access control list
admin = administrator = administration
ADR = architecture decision record = decision record
AI = artificial intelligence
API = application programming interface
app = application
async = asynchronous
auth = authentication = authorization = authn = authz
AZ = availability zone
BCP = business continuity plan
BDD = behaviour-driven development = behavior-driven development
CAB = change advisory board
CD = continuous delivery = continuous deployment
CDC = change data capture = consumer-driven contract
CDN = content delivery network
cert = certificate
CI = continuous integration
CI/CD = continuous integration and continuous delivery = continuous integration and delivery = continuous integration/continuous delivery
CLI = command line = command-line interface
CoC = code of conduct
comms = communication
config = configuration
CR = code review = change request
CRD = custom resource definition
cron = scheduled job
CSRF = cross-site request forgery
CVE = common vulnerabilities and exposures
DAST = dynamic application security testing
DB = database
DBA = database administrator
DDoS = distributed denial of service
dev = development
DevEx = DX = developer experience
DHCP = dynamic host configuration protocol
DLQ = dead letter queue
DNS = domain name system
docs = documentation
DoD = definition of done
DoR = definition of ready
DoS = denial of service
DR = disaster recovery
DRI = directly responsible individual
E2E = end to end
EDA = exploratory data analysis
env = environment
env var = environment variable
EOL = end of life
ETL = extract transform load
FAQ = frequently asked questions
FIFO = first in first out
FinOps = cloud cost management
g11n = globalization
GC = garbage collection
GDPR = general data protection regulation
GUI = graphical user interface = UI = user interface
HA = high availability
HPA = horizontal pod autoscaler
i14y = interoperability
i18n = internationalization
IaaS = infrastructure as a service
IaC = infrastructure as code
IAM = identity and access management
IC = incident commander
IDE = integrated development environment
IDP = internal developer platform = identity provider
infra = infrastructure
IP = internet protocol
JWT = JSON web token
k8s = kubernetes = kube
KPI = key performance indicator
KT = knowledge transfer
l10n = localization
LB = load balancer = load balancing
LLM = large language model
LVM = logical volume manager
MITM = man in the middle
ML = machine learning
MQ = message queue
MR = PR = merge request = pull request
MVP = minimum viable product
NAT = network address translation
NFR = non-functional requirement
NoSQL = non-relational
NTP = network time protocol
o11y = observability
OIDC = OpenID Connect
OKR = objectives and key results
OOM = out of memory
OOP = object-oriented = object-oriented programming = object-oriented design
ops = operations
ORM = object-relational mapping
OS = operating system
OSS = FOSS = open source
OTel = OpenTelemetry
p13n = personalization
PaaS = platform as a service
pairing = pair programming
PDB = pod disruption budget
pen test = pentest = penetration test
perf = performance
PII = personal data = personally identifiable information
PKI = public key infrastructure
PO = product owner
PoC = proof of concept
PoLP = least privilege
prod = production
pub/sub = publish/subscribe
QA = quality assurance
QPS = queries per second
RACI = responsible accountable consulted informed
RBAC = role-based access control
RCA = root cause analysis
repo = repository
retro = retrospective
RFC = request for comments
ROI = return on investment
rota = on-call rota = on-call rotation = on-call schedule
RPC = remote procedure call
RPS = requests per second
RTT = round trip time
RUM = real user monitoring
SaaS = software as a service
SAST = static analysis = static code analysis = static application security testing
SBOM = software bill of materials
SCM = VCS = source control = version control
SDLC = software development life cycle
SIEM = security information and event management
SME = subject matter expert
SOP = standard operating procedure
SPA = single-page application
spec = specification
SPOF = single point of failure
SQLi = SQL injection
SRE = site reliability engineering = site reliability engineer
SSH = secure shell
SSO = single sign-on
sync = synchronous
TDD = test-driven development
tech debt = technical debt
TLS = SSL = transport layer security
TPM = technical program manager
TTFB = time to first byte
TTL = time to live
UAT = user acceptance testing
UX = user experience
VLAN = virtual LAN
VM = virtual machine
VNet = virtual network
VPC = virtual private cloud
VPN = virtual private network
WAF = web application firewall
WAL = write-ahead log
WIP = work in progress
XP = extreme programming
XSS = cross-site scripting
`

// nearSynonyms are words that readers use for what pages call otherwise, one group a
// line. They mean nearly the same, so they count for less, and only where
// hardly any page has the reader's own word.
const nearSynonyms = `
alarm = alert
attacker = hacker = intruder = intrusion = breach
bug = defect
chaos engineering = fault injection
estimation = story points
fault = failure
feature flag = feature toggle = feature switch
fire drill = game day = tabletop exercise
firefighting = incident response
handover = handoff = shift change
hotfix = fix forward
laptop = workstation
log in = sign in
newcomer = new hire = onboarding = new joiner
outage = downtime = incident
penetration testing = ethical hacking
postmortem = post-incident review = incident review = root cause analysis = after-action review
response time = latency
roll back = rollback = undo = revert
runbook = playbook = standard operating procedure
secret = credential = password
sharding = partitioning
shell script = bash script
staging = pre-production = preprod
stand-up = standup = daily scrum
sysadmin = system administrator = operations
test double = mock = stub
ticket = work item = issue
trunk = main branch = master branch
uptime = availability
versus = vs = difference between
`
