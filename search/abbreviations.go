package search

// abbreviations are general ones of engineering, one group a line: what they stand
// for is known to everyone in the field and needs no glossary, but a page may use
// one and its reader the other. What an organisation means by its own acronyms
// belongs in a glossary, whose terms count in the same way. Numeronyms (k8s, i18n,
// a11y) need no entry.
const abbreviations = `
2FA = MFA = two-factor authentication = multi-factor authentication
ADR = architecture decision record = decision record = decision log
AI = artificial intelligence
API = application programming interface
AZ = availability zone
BCP = business continuity plan
BDD = behaviour-driven development = behavior-driven development
CAB = change advisory board
CD = continuous delivery = continuous deployment
CDC = change data capture = consumer-driven contract
CDN = content delivery network
CI = continuous integration
CI/CD = continuous integration and continuous delivery = continuous integration and delivery = continuous integration/continuous delivery
CLI = command line = command-line interface
CR = code review = change request
CSRF = cross-site request forgery
CVE = common vulnerabilities and exposures
DAST = dynamic application security testing
DB = database
DBA = database administrator
DDoS = distributed denial of service = denial of service
DevEx = DX = developer experience
DHCP = dynamic host configuration protocol
DNS = domain name system
DoD = definition of done
DoR = definition of ready
DR = disaster recovery
E2E = end to end
ETL = extract transform load
FAQ = frequently asked questions
FinOps = cloud cost management
GC = garbage collection
GDPR = general data protection regulation
GUI = graphical user interface
HA = high availability
HPA = horizontal pod autoscaler
IAM = identity and access management
IaaS = infrastructure as a service
IaC = infrastructure as code
IC = incident commander
IDE = integrated development environment
IDP = internal developer platform = identity provider
K8s = kubernetes
KPI = key performance indicator
LB = load balancer = load balancing
LLM = large language model
ML = machine learning
MR = PR = merge request = pull request
MQ = message queue
MVP = minimum viable product
NFR = non-functional requirement
NoSQL = non-relational
OOM = out of memory
OOP = object-oriented = object-oriented programming = object-oriented design
OS = operating system
OSS = FOSS = open source
OTel = OpenTelemetry
PaaS = platform as a service
PII = personal data = personally identifiable information
PKI = public key infrastructure
PO = product owner
PoC = proof of concept
PoLP = least privilege
QA = quality assurance
QPS = queries per second
RACI = responsible accountable consulted informed
RBAC = role-based access control
RCA = root cause analysis
RFC = request for comments
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
SPOF = single point of failure
SQLi = SQL injection
SRE = site reliability engineering = site reliability engineer
SSO = single sign-on
TDD = test-driven development
TLS = SSL = transport layer security
TPM = technical program manager
TTL = time to live
UAT = user acceptance testing
UI = user interface
UX = user experience
VM = virtual machine
VPC = virtual private cloud
VPN = virtual private network
WAF = web application firewall
WIP = work in progress
XP = extreme programming
XSS = cross-site scripting
admin = administrator = administration
app = application
auth = authentication = authorization
cert = certificate
config = configuration
cron = scheduled job
dev = development
docs = documentation
env = environment
env var = environment variable
infra = infrastructure
ops = operations
pen test = pentest = penetration test
perf = performance
prod = production
repo = repository
retro = retrospective
spec = specification
sync = synchronous
async = asynchronous
`

// nearSynonyms are words that readers use for what pages call otherwise. They mean
// nearly the same, so they count for less.
const nearSynonyms = `
rota = rotation = on-call schedule
postmortem = post-incident review = incident review = root cause analysis = after-action review
runbook = playbook = standard operating procedure
roll back = rollback = undo = revert
feature flag = feature toggle = feature switch
uptime = availability
outage = downtime = incident
versus = vs = difference between
stand-up = standup = daily scrum
attacker = hacker = intruder = intrusion = breach
newcomer = new hire = onboarding = new joiner
chaos engineering = fault injection
secret = credential
hotfix = fix forward
staging = pre-production = preprod
bug = defect
trunk = main branch = master branch
penetration testing = ethical hacking
`
