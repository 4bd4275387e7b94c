// Package trailkeeper_test holds the tests of the repository itself: which way imports point, and that every package
// says what it is.
package trailkeeper_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"trailkeeper/events"
)

const module = "trailkeeper/"

// arrow forbids imports: no file below dir, tests included only where they are ours to link, may import anything that
// starts with banned, less what starts with allowed. The files are opened here, so that Go's test cache sees a change.
type arrow struct {
	dir     string
	banned  []string
	allowed []string
	why     string
}

const dynamoDB = "github.com/aws/aws-sdk-go-v2/service/dynamodb"

// trails is what knows trails, and what CloudTrail writes; state is what remembers.
var (
	trails = []string{
		module + "rules",
		module + "lambda/internal/trail",
		module + "lambda/internal/bearing",
		module + "lambda/internal/assess",
		module + "lambda/internal/remediate",
		module + "lambda/internal/sweep",
		module + "lambda/internal/guard",
		"github.com/aws/aws-sdk-go-v2/service/cloudtrail",
	}
	state = []string{module + "lambda/internal/state", dynamoDB}
)

var arrows = []arrow{
	{
		"events",
		[]string{module, "github.com/aws/"},
		[]string{module + "events"},
		"events knows no client and nothing of ours",
	},
	{
		"rules",
		[]string{module, "github.com/aws/", "net/http", "os"},
		[]string{module + "events", module + "rules", module + "lambda/config/nearest"},
		"rules is pure: no network, clock or environment",
	},
	{
		"lambda",
		[]string{
			module + "cdk",
			"github.com/aws/aws-cdk-go/",
			"github.com/aws/jsii-runtime-go",
			"github.com/aws/constructs-go/",
		},
		[]string{module + "cdk/golden"},
		"what runs in Lambda never links CDK",
	},
	{
		"lambda/config",
		[]string{module, "github.com/"},
		[]string{module + "events", module + "lambda/config", "github.com/agnivade/levenshtein"},
		"cdk and the functions share it",
	},
	{
		"lambda/guard",
		[]string{module + "rules", module + "cdk", "github.com/aws/aws-sdk-go-v2/config"},
		nil,
		"guard must start fast",
	},
	{
		"lambda/internal/guard",
		[]string{module + "rules", module + "cdk", "github.com/aws/aws-sdk-go-v2/config"},
		nil,
		"guard must start fast",
	},
	{
		"lambda/watch",
		[]string{module + "cdk", "github.com/aws/aws-sdk-go-v2/config"},
		nil,
		"watch must start fast",
	},
	{
		"lambda/internal/watch",
		[]string{
			module + "cdk",
			module + "lambda/internal/remediate",
			module + "lambda/internal/guard",
			"github.com/aws/aws-sdk-go-v2/config",
			"github.com/aws/aws-sdk-go-v2/service/cloudtrail",
		},
		nil,
		"watch starts fast, and changes nothing but its notifications and its state",
	},
	{
		"lambda/internal/objects",
		[]string{module, "net/http", "github.com/"},
		nil,
		"what is said of objects is read without opening one",
	},
	{
		"lambda/internal/logevents",
		[]string{module, "net/http", "github.com/"},
		nil,
		"what a subscription of CloudWatch Logs sends is read without a client, and without rules",
	},
	{
		"lambda/internal/logfile",
		[]string{module + "rules", "net/http", "github.com/"},
		nil,
		"a log file is read without a client, and without rules",
	},
	{
		"lambda/internal/s3read",
		[]string{"github.com/aws/aws-sdk-go-v2/service/"},
		nil,
		"objects are opened without S3's client, which would slow the start",
	},
	{
		"lambda/internal/detection",
		[]string{module + "cdk", "net/http", "github.com/aws/"},
		nil,
		"rules are applied without a client",
	},
	{
		"lambda/internal",
		[]string{module + "cdk", module + "lambda/trailkeeper"},
		nil,
		"only the operator's commands read the golden templates",
	},
	{
		"lambda/internal/finding",
		[]string{module, "net/http"},
		[]string{
			module + "events",
			module + "lambda/internal/finding",
			module + "lambda/internal/sanitize",
			module + "lambda/internal/message",
		},
		"a finding is made by anybody, and knows nobody",
	},
	{
		"lambda/internal/state",
		[]string{module},
		[]string{
			module + "events",
			module + "lambda/config/baseline",
			module + "lambda/internal/awscall",
			module + "lambda/internal/clock",
			module + "lambda/internal/state",
		},
		"what remembers does not know who asks",
	},
	{"lambda/internal/incident", trails, nil, "an incident is of any subject"},
	{"lambda/internal/report", trails, nil, "what reports knows no trail"},
	{
		"lambda/internal/slack",
		slices.Concat(trails, state),
		nil,
		"a channel renders and delivers, and remembers nothing itself",
	},
	{
		"lambda/internal/slack/render",
		[]string{"net/http", "log", module + "lambda/internal/secret", module + "lambda/internal/report"},
		nil,
		"what renders knows no address, token or network",
	},
	{
		"lambda/internal/sns",
		slices.Concat(trails, state),
		nil,
		"a channel renders and delivers, and remembers nothing itself",
	},
	{
		"lambda/trailkeeper/cli",
		[]string{module, "github.com/aws/aws-sdk-go-v2/service/"},
		[]string{module + "events", module + "lambda/internal", module + "lambda/config/nearest"},
		"what the commands share knows no command, template or service",
	},
	{
		"cdk",
		[]string{module, "github.com/aws/aws-sdk-go-v2", "github.com/aws/aws-lambda-go"},
		[]string{module + "rules", module + "lambda/config", module + "cdk"},
		"cdk never links an AWS client, and of ours only rules and lambda/config",
	},
	{
		"cdk/settings",
		[]string{module + "cdk", "github.com/"},
		[]string{module + "cdk/settings"},
		"settings are checked without CDK",
	},
	{
		"cdk/limits",
		[]string{module + "cdk", "github.com/"},
		[]string{module + "cdk/limits"},
		"a template is measured as plain JSON",
	},
	{
		"cdk/owntrail",
		[]string{module + "cdk/guard", module + "cdk/eventrule", "trailkeeper/lambda/config/baseline"},
		nil,
		"to the guard the stack's own trails are like any other",
	},
	{"cdk/golden", []string{module, "github.com/"}, nil, "golden imports nothing"},
}

// TestRulesReadNoClock: of package time, rules has the types, and what computes with them.
func TestRulesReadNoClock(t *testing.T) {
	clocks := []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep", "Local"}
	for path, file := range goFiles(t, "rules", parser.SkipObjectResolution) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			of, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if name, ok := of.X.(*ast.Ident); ok && name.Name == "time" && slices.Contains(clocks, of.Sel.Name) {
				t.Errorf("%s asks time.%s; rules is pure", path, of.Sel.Name)
			}
			return true
		})
	}
}

// TestOnlyStateKnowsDynamoDB: beside the package that keeps documents, only the wiring makes its client.
func TestOnlyStateKnowsDynamoDB(t *testing.T) {
	knows := []string{
		"lambda/internal/guard/wire.go", "lambda/internal/watch/wire.go", "lambda/internal/watch/prewarm.go",
		"lambda/trailkeeper/catchup/deployed.go",
	}
	found := 0
	for path, file := range goFiles(t, "lambda", parser.ImportsOnly) {
		if strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/testdata/") {
			continue
		}
		for _, spec := range file.Imports {
			if !strings.HasPrefix(strings.Trim(spec.Path.Value, `"`), dynamoDB) {
				continue
			}
			if found++; !slices.Contains(knows, filepath.ToSlash(path)) && filepath.Dir(path) != "lambda/internal/state" {
				t.Errorf("%s imports %s: what is remembered are documents of package state", path, spec.Path.Value)
			}
		}
	}
	if found == 0 {
		t.Error("nothing imports " + dynamoDB)
	}
}

// TestOnlyExpressionsKnowCEL: one package knows the rule engine, and no program that must start fast links it.
func TestOnlyExpressionsKnowCEL(t *testing.T) {
	const engine, knows = "cel.dev/", "rules/expression"
	imports, found := map[string][]string{}, 0
	for path, file := range goFiles(t, ".", parser.ImportsOnly) {
		dir := filepath.ToSlash(filepath.Dir(path))
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, spec := range file.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			if imports[dir] = append(imports[dir], strings.TrimPrefix(imported, module)); !strings.HasPrefix(imported, engine) {
				continue
			}
			if found++; dir != knows {
				t.Errorf("%s imports %s: only %s knows the rule engine", path, imported, knows)
			}
		}
	}
	if found == 0 {
		t.Error("nothing imports " + engine)
	}
	linked := func(program string) map[string]bool {
		found, open := map[string]bool{}, []string{program}
		for len(open) > 0 {
			dir := open[0]
			if open = open[1:]; found[dir] {
				continue
			}
			found[dir] = true
			open = append(open, imports[dir]...)
		}
		return found
	}
	if guard := linked("lambda/guard"); guard[knows] || guard["rules/count"] || !guard["lambda/internal/guard"] {
		t.Error("the guard's binary must link the guard, and not the rule engine")
	}
	const services = "github.com/aws/aws-sdk-go-v2/service/"
	if watch := linked("lambda/watch"); !watch[knows] || watch[services+"cloudtrail"] || watch[services+"s3"] || watch[services+"sfn"] ||
		watch["lambda/internal/guard"] {
		t.Error("the watch's binary must link the rule engine, and nothing that can change a trail or a bucket")
	}
}

// TestWhoReadsFiles: the reader of files, and what it unpacks them with, is of the operator's commands and of the
// watch. The guard links neither.
func TestWhoReadsFiles(t *testing.T) {
	const reader, packer = module + "events/read", "github.com/klauspost/compress/"
	found := 0
	for path, file := range goFiles(t, ".", parser.ImportsOnly) {
		path = filepath.ToSlash(path)
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, spec := range file.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			ours := strings.HasPrefix(path, "events/read/") || imported == reader &&
				(strings.HasPrefix(path, "lambda/internal/replay/") || strings.HasPrefix(path, "lambda/internal/backtest/") ||
					strings.HasPrefix(path, "lambda/internal/logfile/") ||
					strings.HasPrefix(path, "lambda/trailkeeper/"))
			if imported != reader && !strings.HasPrefix(imported, packer) {
				continue
			}
			if found++; !ours {
				t.Errorf("%s imports %s: only the operator's commands and the watch read files", path, imported)
			}
		}
	}
	if found < 3 {
		t.Errorf("only %d imports found", found)
	}
}

func TestImportsPointOneWay(t *testing.T) {
	for _, a := range slices.Concat(arrows, commands(t), producers(t), playing()) {
		files := 0
		for path, file := range goFiles(t, a.dir, parser.ImportsOnly) {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			files++
			for _, spec := range file.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				starts := func(prefix string) bool {
					return imported == prefix || strings.HasPrefix(imported, strings.TrimSuffix(prefix, "/")+"/")
				}
				if slices.ContainsFunc(a.banned, starts) && !slices.ContainsFunc(a.allowed, starts) {
					t.Errorf("%s imports %s: %s", path, imported, a.why)
				}
			}
		}
		if files == 0 {
			t.Errorf("no Go file below %s", a.dir)
		}
	}
}

// TestARNsAreMadeInOnePlace: package events makes and takes apart ARNs, and nothing else glues one together.
func TestARNsAreMadeInOnePlace(t *testing.T) {
	for path, file := range goFiles(t, ".", parser.SkipObjectResolution) {
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(filepath.Dir(path), "test") ||
			filepath.Dir(path) == "events" {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			value, err := strconv.Unquote(lit.Value)
			if _, wrong := events.ParseARN(value); err != nil || events.IsARN(value) && wrong != nil {
				t.Errorf("%s has a piece of an ARN, %s; use events.ARN, or config.ARN in cdk", path, lit.Value)
			}
			return true
		})
	}
}

// commands are the arrows of the operator's commands: none imports another, and only their tests what the tests share.
func commands(t *testing.T) []arrow {
	t.Helper()
	const dir = "lambda/trailkeeper"
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []arrow
	for _, e := range entries {
		own := dir + "/" + e.Name()
		if e.IsDir() && !slices.Contains([]string{"cli", "clitest", "testdata"}, e.Name()) {
			allowed := []string{module + own, module + dir + "/cli"}
			found = append(found, arrow{own, []string{module + dir}, allowed, "commands do not import each other"})
		}
	}
	if len(found) < 10 {
		t.Errorf("only %d commands found", len(found))
	}
	return found
}

// loopback is the loopback cloud, and foundations are what its services stand on, each with those of them that it
// stands on itself.
const loopback = "lambda/internal/localcloud"

var foundations = map[string][]string{
	"exact":          {},
	"vtime":          {},
	"policy":         {"exact"},
	"kernel":         {"policy", "vtime"},
	"cloudformation": {"exact", "kernel"},
	"wire":           {"kernel"},
}

// playing are the arrows of what plays scenarios: each package stands on those that are named, and on no other of them.
func playing() []arrow {
	const dir = "lambda/internal/simulate"
	var found []arrow
	for name, on := range map[string][]string{
		"structure": {},
		"need":      {},
		"result":    {},
		"stage":     {"structure", "result"},
		"act":       {"stage", "result", "structure"},
		"check":     {"stage", "result", "structure", "need"},
		"scenarios": {"act", "check", "stage", "need", "structure", "result"},
		"render":    {"result"},
		"page":      {"result", "render"},
		"listen":    {"stage", "render", "page", "need", "result"},
	} {
		own := dir + "/" + name
		allowed := []string{module + own}
		for _, other := range on {
			allowed = append(allowed, module+dir+"/"+other)
		}
		found = append(found, arrow{own, []string{module + dir}, allowed, "a run flows from the template to what shows it"})
	}
	return found
}

// TestServicesMeetThroughTheKernel: no service of the loopback cloud imports another, and only what plays scenarios
// imports the cloud.
func TestServicesMeetThroughTheKernel(t *testing.T) {
	services := map[string]bool{}
	for path, file := range goFiles(t, ".", parser.ImportsOnly) {
		path = filepath.ToSlash(path)
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		inside, isInside := strings.CutPrefix(path, loopback+"/")
		service, _, isService := strings.Cut(inside, "/")
		for _, spec := range file.Imports {
			imported, isOurs := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module+loopback)
			other, _, _ := strings.Cut(strings.TrimPrefix(imported, "/"), "/")
			if !isOurs {
				continue
			}
			allowed, isFoundation := foundations[service]
			_, onFoundation := foundations[other]
			switch {
			case !isInside:
				if !strings.HasPrefix(path, "lambda/internal/simulate/") && !strings.HasPrefix(path, "lambda/trailkeeper/") {
					t.Errorf("%s imports the loopback cloud, which is for playing alone", path)
				}
			case !isService: // the wiring
			case isFoundation && !slices.Contains(allowed, other), !isFoundation && !onFoundation && other != service:
				t.Errorf("%s imports %s: the services of the loopback cloud reach each other through kernel.Services", path, other)
			}
		}
		if isInside && isService {
			services[service] = true
		}
	}
	if len(services) < len(foundations)+10 {
		t.Errorf("only %d packages below %s", len(services), loopback)
	}
}

// producers are the arrows of what makes findings: none imports another nor a channel, and only guard wires them.
func producers(t *testing.T) []arrow {
	t.Helper()
	const dir = "lambda/internal"
	names := []string{"respond", "sweep", "redrive", "signal", "detection"}
	wires := []string{"guard", "watch", "reporting"}
	far := []string{
		module + dir + "/slack",
		module + dir + "/sns",
		module + dir + "/guard",
		module + dir + "/watch",
		module + dir + "/localcloud",
	}
	var all []string
	for _, name := range names {
		all = append(all, module+dir+"/"+name)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []arrow
	for _, e := range entries {
		own := dir + "/" + e.Name()
		switch {
		case !e.IsDir() || slices.Contains(wires, e.Name()):
		case slices.Contains(names, e.Name()):
			found = append(found, arrow{
				own, slices.Concat(all, far), []string{module + own}, "producers import neither each other nor a channel",
			})
		default:
			found = append(found, arrow{own, all, nil, "only what wires the functions knows the producers"})
		}
	}
	if len(found) < 20 {
		t.Errorf("only %d packages found", len(found))
	}
	return append(found,
		arrow{
			dir + "/sweep/look",
			[]string{module + dir + "/report", module + dir + "/remediate", module + dir + "/message"},
			nil, "looking puts nothing back and reports nothing",
		},
		arrow{
			dir + "/redrive/queues",
			[]string{module + dir + "/trail", module + dir + "/remediate", module + dir + "/message"},
			nil, "queues are emptied without knowing what is in them",
		})
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	documented := map[string]bool{}
	for path, file := range goFiles(t, ".", parser.ParseComments|parser.PackageClauseOnly) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		dir := filepath.Dir(path)
		documented[dir] = documented[dir] || file.Doc != nil
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
	if len(documented) < 10 {
		t.Errorf("only %d packages found", len(documented))
	}
}

// skipped are folders without sources of ours.
var skipped = []string{"testdata", "build", "cdk.out", "node_modules"}

// goFiles parses every Go file below dir, leaving out testdata and hidden folders.
func goFiles(t *testing.T, dir string, mode parser.Mode) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (slices.Contains(skipped, name) || strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, mode)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
