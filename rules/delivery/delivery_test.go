package delivery_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"trailkeeper/events"
	"trailkeeper/rules"
	"trailkeeper/rules/delivery"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/expression"
)

var update = flag.Bool("update", false, "write the golden file anew")

func loaded(t testing.TB, options detect.Options, sources ...detect.Source) *detect.Set {
	t.Helper()
	set, problems := detect.Load(options, sources...)
	for _, p := range problems {
		t.Fatal(p)
	}
	return set
}

// rule is a rule file.
func rule(id, match string) string {
	return "id: " + id + "\ntitle: x\nseverity: low\nmatch: " + fmt.Sprintf("%q", match) + "\n"
}

func folder(files map[string]string) detect.Source {
	f := fstest.MapFS{}
	for name, text := range files {
		f[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return detect.Source{Name: "mine", Files: f}
}

func patternsOf(t testing.TB, set *detect.Set) []delivery.Pattern {
	t.Helper()
	patterns, err := delivery.Patterns(set)
	if err != nil {
		t.Fatal(err)
	}
	return patterns
}

// envelope is a record as EventBridge would deliver it. A record of a test may lack what every record has.
func envelope(t testing.TB, record map[string]any) []byte {
	t.Helper()
	text := func(name string) string { s, _ := record[name].(string); return s }
	service, _, _ := strings.Cut(text("eventSource"), ".")
	detailType := map[string]string{
		"AwsServiceEvent":      "AWS Service Event via CloudTrail",
		"AwsConsoleAction":     "AWS Console Action via CloudTrail",
		"AwsConsoleSignIn":     "AWS Console Sign In via CloudTrail",
		"AwsVpceEvent":         "AWS Network Activity Event via CloudTrail",
		"AwsCloudTrailInsight": "AWS Insight via CloudTrail",
	}[text("eventType")]
	if detailType == "" {
		detailType = "AWS API Call via CloudTrail"
		if text("eventName") == "ConsoleLogin" {
			detailType = "AWS Console Signin via CloudTrail"
		}
	}
	raw, err := json.Marshal(map[string]any{"source": "aws." + service, "detail-type": detailType, "detail": record})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// testRecords are those of the built-in rules' tests, and fixtures those of the project.
func testRecords(t testing.TB) []map[string]any {
	t.Helper()
	names, err := fs.Glob(detections.Source().Files, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for _, name := range names {
		text, err := fs.ReadFile(detections.Source().Files, name)
		if err != nil {
			t.Fatal(err)
		}
		var rule struct {
			Tests []struct{ Record map[string]any }
		}
		if err := yaml.Unmarshal(text, &rule); err != nil {
			t.Fatal(err)
		}
		for _, test := range rule.Tests {
			all = append(all, test.Record)
		}
	}
	return all
}

func fixtures(t testing.TB) map[string]map[string]any {
	t.Helper()
	names, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for _, name := range names {
		text, err := fs.ReadFile(events.Fixtures(), name)
		if err != nil {
			t.Fatal(err)
		}
		var record map[string]any
		if json.Unmarshal(text, &record) != nil {
			continue // a fixture may be unreadable on purpose
		}
		if detail, ok := record["detail"].(map[string]any); ok {
			record = detail
		}
		all[name] = record
	}
	return all
}

// passed are the patterns that take a record.
func passed(t testing.TB, patterns []delivery.Pattern, record map[string]any) []delivery.Pattern {
	t.Helper()
	event := envelope(t, record)
	return slices.DeleteFunc(slices.Clone(patterns), func(p delivery.Pattern) bool {
		ok, err := p.Match(event)
		if err != nil {
			t.Fatal(err)
		}
		return !ok
	})
}

func parsed(t testing.TB, record map[string]any) expression.Record {
	t.Helper()
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	r, err := expression.ParseFields(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// delivered checks that each rule which matches a record is among those of a pattern that takes it, and that a read is
// taken by one that gets reads. It returns how many rules match.
func delivered(t *testing.T, set *detect.Set, patterns []delivery.Pattern, record map[string]any) int {
	t.Helper()
	matching := set.Decide(parsed(t, record)).Rules
	var passing []delivery.Pattern
	for _, r := range matching {
		if r.Pattern != nil {
			p, err := rules.ParsePattern(r.Pattern)
			if err != nil {
				t.Fatal(err)
			}
			if ok, _ := p.Match(envelope(t, record)); !ok {
				continue
			}
		}
		if passing == nil {
			passing = passed(t, patterns, record)
		}
		name, _ := record["eventName"].(string)
		read := record["readOnly"] == true && strings.HasPrefix(name, "Describe")
		if !slices.ContainsFunc(passing, func(p delivery.Pattern) bool {
			return slices.Contains(p.Rules, r.ID) && (p.ReadEvents || !read)
		}) {
			text, _ := json.Marshal(record)
			t.Errorf("%s matches and is not delivered: %s", r.ID, text)
		}
	}
	return len(matching)
}

// odd are rules whose conditions are not as simple as those of the built-in ones.
var odd = map[string]string{
	"fold": `lower(record.eventSource) == "iam.amazonaws.com" &&
		lower(record.eventName) in ["createuser", "deletekey"]`,
	"kelvin": `lower(record.userAgent) == "kali"`,
	"agent": `record.userAgent.contains("kali") || record.userAgent.startsWith("python") ||
		record.userAgent.endsWith("nse")`,
	"wild": `record.userIdentity.arn.glob("*:assumed-role/Admin?/*") &&
		record.eventName.matches("^(Create|Delete)(User|Ke)[a-z]*$")`,
	"fullmatch": `record.eventName.matches("^(Create|Delete)User$")`,
	"anywhere":  `record.eventName.matches("User")`,
	"address":   `record.sourceIPAddress == "198.51.100.7"`,
	"truth":     `record.managementEvent == true && record.requestParameters.force == true`,
	"negated":   `!(record.eventName != "CreateUser" || record.awsRegion == "eu-west-1")`,
	"listed":    `record.userIdentity.userName in list("people")`,
	"ternary": `record.userIdentity.type == "Root" ? record.eventName.startsWith("Put")
		: record.eventName == "DeleteUser"`,
	"refusal":   `refused(record) && record.eventName.startsWith("Describe")`,
	"number":    `record.requestParameters.count > 5 && record.userAgent != "x"`,
	"backslash": `record.userAgent == "a\\*b" || record.userAgent.glob("a\\*c*d")`,
	"parent": `record.requestParameters.policy == "x" || record.requestParameters.policy.deep == "y" &&
		record.requestParameters.policy != "z"`,
}

func oddSet(t testing.TB) *detect.Set {
	t.Helper()
	files := map[string]string{"lists/people.yaml": "[alice, \"svc-*\"]\n"}
	for id, match := range odd {
		files[id+".yaml"] = rule(id, match)
	}
	files["own.yaml"] = rule("own", `record.eventName != "X"`) + "pattern: {detail: {eventName: [{prefix: Delete}]}}\n"
	return loaded(t, detect.Options{}, folder(files))
}

// mutated is a record with some values changed, others taken away, and others added.
func mutated(random *rand.Rand, record map[string]any) map[string]any {
	words := []any{
		"Root", "IAMUser", "CreateUser", "DeleteUser", "createuser", "iam.amazonaws.com", "IAM.amazonaws.com", "KALI",
		"kali", "Kali", "x python kali", "python", "nse", "AccessDenied", "Client.UnauthorizedOperation", "", true, false,
		json.Number("6"), json.Number("5.0"), "198.51.100.7", "arn:aws:sts::1:assumed-role/Admin1/x", "Failure", "alice",
		"svc-1", `a\*b`, `a\xcyd`, "PutX", "DescribeX", "ConsoleLogin", "AwsConsoleSignIn", "AwsServiceEvent", nil,
	}
	words = append(words, []any{"x"}, map[string]any{}, "x")
	names := []string{
		"eventName", "eventSource", "userAgent", "errorCode", "sourceIPAddress", "managementEvent", "awsRegion", "readOnly",
		"userIdentity.type", "userIdentity.arn", "userIdentity.userName", "requestParameters.force", "errorMessage",
		"requestParameters.count", "requestParameters.policy", "requestParameters.policy.deep", "eventType",
		"responseElements.ConsoleLogin",
	}
	var clone map[string]any
	text, _ := json.Marshal(record)
	_ = json.Unmarshal(text, &clone)
	if clone == nil {
		clone = map[string]any{}
	}
	for range 1 + random.IntN(4) {
		path := strings.Split(names[random.IntN(len(names))], ".")
		of := clone
		for _, name := range path[:len(path)-1] {
			below, ok := of[name].(map[string]any)
			if !ok {
				below = map[string]any{}
				of[name] = below
			}
			of = below
		}
		last := path[len(path)-1]
		value := words[random.IntN(len(words))]
		if _, text := value.(string); last == "errorCode" && !text {
			continue // AWS writes a text, or nothing
		}
		if random.IntN(5) == 0 {
			delete(of, last)
		} else {
			of[last] = value
		}
	}
	return asAWS(clone)
}

// asAWS gives a record an eventType that AWS would write: only a sign-in has that of one, a console's is no event of a
// service, and a record of Insights has nothing of a call.
func asAWS(record map[string]any) map[string]any {
	_, called := record["eventName"]
	_, failed := record["errorCode"]
	_, from := record["sourceIPAddress"]
	_, caller := record["userIdentity"]
	switch kind, signIn := record["eventType"], record["eventName"] == "ConsoleLogin"; {
	case kind == "AwsConsoleSignIn" && !signIn, kind == "AwsServiceEvent" && signIn,
		kind == "AwsCloudTrailInsight" && (called || failed || from || caller):
		delete(record, "eventType")
	}
	return record
}

// TestEveryMatchIsDelivered: whatever a rule matches passes a pattern that is made for it, near misses of the tests and
// changed records included.
func TestEveryMatchIsDelivered(t *testing.T) {
	records := testRecords(t)
	known := fixtures(t)
	for _, name := range slices.Sorted(maps.Keys(known)) {
		records = append(records, known[name])
	}
	random := rand.New(rand.NewPCG(1, 2))
	sets := map[string]*detect.Set{"built-in": loaded(t, detections.Tested(), detections.Source()), "odd": oddSet(t)}
	for _, name := range slices.Sorted(maps.Keys(sets)) { // in order: what is random is the same each time
		set, matches := sets[name], map[bool]int{}
		patterns := patternsOf(t, set)
		for _, r := range records {
			matches[false] += delivered(t, set, patterns, r)
			for range 15 {
				matches[true] += delivered(t, set, patterns, mutated(random, r))
			}
		}
		if matches[false] < 20 || matches[true] < 500 {
			t.Errorf("%s: only %v matches", name, matches)
		}
	}
}

// TestGolden: these are the patterns of the built-in rules as they are deployed.
func TestGolden(t *testing.T) {
	var got bytes.Buffer
	for _, options := range []detect.Options{{Stack: "trailkeeper"}, detections.Tested()} {
		set := loaded(t, options, detections.Source())
		patterns := patternsOf(t, set)
		fmt.Fprintf(&got, "## all rules: %v, %d patterns\n", options.All, len(patterns))
		for _, p := range patterns {
			fmt.Fprintf(&got, "\n# %s\n# read events: %v\n%s\n", strings.Join(p.Rules, ", "), p.ReadEvents, p.JSON())
		}
		got.WriteString("\n")
	}
	const file = "testdata/built-in.golden"
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the patterns are\n%s\nwant %s; see -update", got.String(), file)
	}
}

// quiet are records of the kind that accounts have most of, each a near miss of some pattern.
var quiet = []string{
	`{"eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances", "readOnly": true, "eventType": "AwsApiCall",
		"userIdentity": {"type": "AssumedRole"}}`,
	`{"eventSource": "ec2.amazonaws.com", "eventName": "StartInstances", "readOnly": false, "eventType": "AwsApiCall",
		"userIdentity": {"type": "IAMUser"}}`,
	`{"eventSource": "iam.amazonaws.com", "eventName": "CreateUserX", "eventType": "AwsApiCall"}`,
	`{"eventSource": "s3.amazonaws.com", "eventName": "CreateUser", "eventType": "AwsServiceEventX",
		"errorCode": "ThrottlingException"}`,
	`{"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "readOnly": true, "errorCode": "NoSuchAccessDenied"}`,
	`{"eventSource": "signin.amazonaws.com", "eventName": "SwitchRole", "eventType": "AwsConsoleSignIn"}`,
	`{"eventSource": "lambda.amazonaws.com", "eventName": "GetFunction20150331v2", "readOnly": true}`,
}

// TestQuiet: what no rule matches is hardly delivered.
func TestQuiet(t *testing.T) {
	set := loaded(t, detect.Options{Stack: "trailkeeper"}, detections.Source())
	patterns := patternsOf(t, set)
	for _, text := range quiet {
		var record map[string]any
		if err := json.Unmarshal([]byte(text), &record); err != nil {
			t.Fatal(err)
		}
		for _, p := range passed(t, patterns, record) {
			if strings.Contains(text, `"s3.`) && slices.Contains(p.Rules, "iam-user-created") {
				continue // of single calls the names of one service and another share a pattern
			}
			t.Errorf("%s passes %s", text, p.JSON())
		}
	}
	passing, matching, all := 0, 0, fixtures(t)
	for _, record := range all {
		if len(passed(t, patterns, record)) > 0 {
			passing++
		}
		if len(set.Decide(parsed(t, record)).Rules) > 0 {
			matching++
		}
	}
	if extra := passing - matching; extra < 0 || extra > len(all)/10 {
		t.Errorf("of %d fixtures %d pass a pattern, and %d match a rule", len(all), passing, matching)
	}
	t.Logf("of %d fixtures %d pass a pattern, and %d match a rule", len(all), passing, matching)
}

// TestReadEvents: only rules that may match a call which reads get such calls.
func TestReadEvents(t *testing.T) {
	for match, want := range map[string]bool{
		`record.eventName == "CreateUser"`:                                            false,
		`record.eventName in ["CreateUser", "GetUser"]`:                               true,
		`lower(record.eventName) == "describeinstances"`:                              true,
		`record.eventName.startsWith("De")`:                                           true,
		`record.eventName.startsWith("Delete")`:                                       false,
		`record.eventName.matches("^(Delete|Put)")`:                                   false,
		`record.eventName.matches("^(Delete|Lis)")`:                                   true,
		`record.eventName.endsWith("User")`:                                           true,
		`record.userIdentity.type == "Root"`:                                          true,
		`record.userIdentity.type == "Root" && !isReadOnly(record)`:                   false,
		`record.userIdentity.type == "Root" && record.readOnly == false`:              false,
		`record.userIdentity.type == "Root" && record.eventType == "AwsServiceEvent"`: false,
		`record.eventName == "AssumeRole"`:                                            true,
	} {
		patterns := patternsOf(t, loaded(t, detect.Options{}, folder(map[string]string{"a.yaml": rule("a", match)})))
		if len(patterns) != 1 || patterns[0].ReadEvents != want {
			t.Errorf("%s: %d patterns, read events: %v", match, len(patterns), !want)
		}
	}
}

// TestOff: a rule that is off everywhere needs nothing, one that is on somewhere does.
func TestOff(t *testing.T) {
	off := rule("a", `record.eventName == "A"`) + "enabled: false\n"
	for accounts, want := range map[string]int{"": 0, `"111122223333": {rules: {a: {enabled: true}}}`: 1} {
		set := loaded(t, detect.Options{}, folder(map[string]string{"a.yaml": off, "accounts.yaml": accounts}))
		if got := len(patternsOf(t, set)); got != want {
			t.Errorf("%q: %d patterns, want %d", accounts, got, want)
		}
	}
}

// imported are rules as they come from a collection: some names of one service each, whatever their case.
func imported(n int, match string) map[string]string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("r%d.yaml", i)] = rule(fmt.Sprintf("r%d", i), fmt.Sprintf(match, i%40, i))
	}
	return files
}

// TestMany: an import of 500 rules fits, and what does not is named.
func TestMany(t *testing.T) {
	set := loaded(t, detect.Options{}, folder(imported(500, `lower(record.eventSource) == "service%d.amazonaws.com" && `+
		`lower(record.eventName) in ["deletething%[2]d", "putthing%[2]d"] && record.userAgent != "x"`)))
	if patterns := patternsOf(t, set); len(patterns) > 50 {
		t.Errorf("%d patterns", len(patterns))
	}
	set = loaded(t, detect.Options{}, folder(imported(60,
		`record.userIdentity.arn == "x%[2]d" && record.userAgent.glob("*%[2]d*")`)))
	_, err := delivery.Patterns(set)
	if err == nil ||
		!strings.Contains(err.Error(), "the rules need 60 EventBridge rules, and at most 50 are made; turn") ||
		!strings.Contains(err.Error(), ": r0, r1, r10, r11") || !strings.HasSuffix(err.Error(), " and 50 more") {
		t.Errorf("%v", err)
	}
}

// TestAlways: the same rules give the same patterns, whatever order they are in, and none shares a text with another.
func TestAlways(t *testing.T) {
	set := oddSet(t)
	first := fmt.Sprint(patternsOf(t, set))
	for range 5 {
		slices.Reverse(set.Rules)
		if again := fmt.Sprint(patternsOf(t, set)); again != first {
			t.Errorf("the patterns are\n%s\nand were\n%s", again, first)
		}
	}
}
