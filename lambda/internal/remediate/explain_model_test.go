package remediate_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/remediate"
)

// modelled are the errors that CloudTrail's model lists for calls, without "Exception", as .ci/models.py reduces it.
func modelled(t *testing.T, calls ...string) map[string][]string {
	t.Helper()
	content, err := os.ReadFile("../localcloud/wire/models.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		Operations map[string]struct{ Errors []string }
	}
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, call := range calls {
		for _, code := range all["cloudtrail"].Operations[call].Errors {
			found[call] = append(found[call], strings.TrimSuffix(code, "Exception"))
		}
		if len(found[call]) == 0 {
			t.Fatalf("the model has no %s", call)
		}
	}
	return found
}

// unmodelled are the codes that every service of AWS may answer, and no model lists ("Common Error Types" of the API
// references, and the retries of the SDKs); and NotOrganizationManagementAccount, which CloudTrail's model lists for
// its calls about delegated administrators.
var unmodelled = strings.Fields(
	`Throttling Throttled RequestLimitExceeded TooManyRequests RequestThrottled SlowDown RequestTimeout
	ExpiredToken RequestExpired
	AccessDenied UnauthorizedOperation NotAuthorized InvalidClientTokenId UnrecognizedClient
	SignatureDoesNotMatch MissingAuthenticationToken
	IncompleteSignature NotOrganizationManagementAccount`,
)

// TestEveryModelledErrorIsExplained: each error of each call that the guard makes of a trail has words of its own.
func TestEveryModelledErrorIsExplained(t *testing.T) {
	for call, codes := range modelled(
		t, "StartLogging", "GetTrailStatus", "UpdateTrail", "CreateTrail", "PutEventSelectors", "PutInsightSelectors",
		"AddTags",
	) {
		for _, code := range codes {
			p := remediate.Explain(call, &smithy.GenericAPIError{Code: code + "Exception", Message: "x"}, trail)
			if strings.Contains(p.Sentence, "refused the call with") || !strings.HasSuffix(p.Sentence, ".") {
				t.Errorf("%s %s: %+v", call, code, p)
			}
		}
	}
}

// TestEveryExplainedErrorIsModelled: what is explained is an error of one of the calls, or one that every service may
// answer.
func TestEveryExplainedErrorIsModelled(t *testing.T) {
	known := slices.Clone(unmodelled)
	for _, codes := range modelled(t, "StartLogging", "GetTrailStatus", "UpdateTrail", "CreateTrail",
		"PutEventSelectors", "PutInsightSelectors", "AddTags",
		"GetEventSelectors", "GetInsightSelectors", "GetEventConfiguration", "DescribeTrails", "ListTags") {
		known = append(known, codes...)
	}
	for _, code := range remediate.ExplainedCodes() {
		if !slices.Contains(known, code) {
			t.Errorf("%s is explained, and no call answers it", code)
		}
	}
	files, err := filepath.Glob("explain*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			clause, ok := n.(*ast.CaseClause)
			if !ok {
				return true
			}
			for _, e := range clause.List {
				ast.Inspect(e, func(n ast.Node) bool {
					if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						if code, _ := strconv.Unquote(lit.Value); !slices.Contains(known, code) && !strings.ContainsAny(code, " :") {
							t.Errorf("%s explains %s, which no call answers", name, code)
						}
					}
					return true
				})
			}
			return true
		})
	}
}
