package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/goldentest"
)

// answers are what an AWS says, by operation; of Lambda's Invoke by the path. A text is the body as it is.
type answers map[string]func(in map[string]any) (status int, answer any)

// serve starts that AWS, and points the SDK at it as an operator's environment would.
func (a answers) serve(t *testing.T) (asked *[]string) {
	t.Helper()
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		name, in := operation(r, body)
		*asked = append(*asked, name)
		answer := a[name]
		if answer == nil {
			t.Errorf("%s was asked", name)
			http.Error(w, `{"__type":"UnknownOperationException"}`, http.StatusBadRequest)
			return
		}
		status, out := answer(in)
		if r.Header.Get("Smithy-Protocol") != "" {
			answerCBOR(w, status, out)
			return
		}
		if code, ok := out.(refusal); ok {
			w.Header().Set("X-Amzn-Errortype", code.Type)
		}
		if text, ok := out.(string); ok {
			if strings.HasPrefix(text, `{"errorMessage"`) {
				w.Header().Set("X-Amz-Function-Error", "Unhandled")
			}
			w.WriteHeader(status)
			fmt.Fprint(w, text)
			return
		}
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(out); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "operator", "AWS_SECRET_ACCESS_KEY": "local",
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	return asked
}

// operation names what a request asks: by the header of the JSON protocol, the form of the query protocol, or the path.
func operation(r *http.Request, body []byte) (name string, in map[string]any) {
	_ = json.Unmarshal(body, &in)
	if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return name, in
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		return form.Get("Action"), in
	}
	if _, name, ok := strings.Cut(r.URL.Path, "/operation/"); ok {
		return name, map[string]any{"cbor": body}
	}
	return r.URL.EscapedPath(), in
}

// answerCBOR answers as CloudWatch does: with nothing, or with a refusal.
func answerCBOR(w http.ResponseWriter, status int, out any) {
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	w.Header().Set("Content-Type", "application/cbor")
	body := cbor.Map{}
	if code, ok := out.(refusal); ok {
		body["__type"], body["message"] = cbor.String(code.Type), cbor.String(code.Message)
	}
	w.WriteHeader(status)
	_, _ = w.Write(cbor.Encode(body))
}

// refusal is an error of a JSON protocol.
type refusal struct {
	Type    string `json:"__type"`
	Message string `json:"message,omitempty"`
}

func refuse(code, message string) func(map[string]any) (int, any) {
	return func(map[string]any) (int, any) { return http.StatusBadRequest, refusal{code, message} }
}

func say(answer any) func(map[string]any) (int, any) {
	return func(map[string]any) (int, any) { return http.StatusOK, answer }
}

type object = map[string]any

// example is an organization: its root, units in units, pages, and accounts that are not active.
func exampleOrganization() answers {
	account := func(id, state string) object { return object{"Id": id, "State": state} }
	return answers{
		"ListRoots": say(object{"Roots": []object{{"Id": "r-root", "Name": "Root"}}}),
		"ListOrganizationalUnitsForParent": func(in map[string]any) (int, any) {
			switch {
			case in["ParentId"] == "r-root" && in["NextToken"] == nil:
				return 200, object{"OrganizationalUnits": []object{{"Id": "ou-sec", "Name": "security"}}, "NextToken": "more"}
			case in["ParentId"] == "r-root":
				return 200, object{"OrganizationalUnits": []object{{"Id": "ou-prod", "Name": "prod"}, {"Id": "ou-new", "Name": "new\u202ename"}}}
			case in["ParentId"] == "ou-prod":
				return 200, object{"OrganizationalUnits": []object{{"Id": "ou-us", "Name": "us"}, {"Id": "ou-eu", "Name": "eu"}}}
			}
			return 200, object{}
		},
		"ListAccountsForParent": func(in map[string]any) (int, any) {
			switch {
			case in["ParentId"] == "r-root":
				return 200, object{"Accounts": []object{account("999999999999", "ACTIVE")}}
			case in["ParentId"] == "ou-sec":
				return 200, object{"Accounts": []object{{"Id": "555555555555", "Status": "ACTIVE"}, account("666666666666", "PENDING_CLOSURE")}}
			case in["ParentId"] == "ou-eu" && in["NextToken"] == nil:
				return 200, object{"NextToken": "more"} // a page can be empty
			case in["ParentId"] == "ou-eu":
				return 200, object{"Accounts": []object{account("222222222222", "ACTIVE"), account("111122223333", "ACTIVE"), account("333333333333", "SUSPENDED")}}
			case in["ParentId"] == "ou-us":
				return 200, object{"Accounts": []object{account("444444444444", "ACTIVE")}}
			case in["ParentId"] == "ou-prod":
				return 200, object{"Accounts": []object{account("000000000001", "ACTIVE")}}
			}
			return 200, object{}
		},
	}
}

// TestAccountsStory shows what an operator sees, and the file.
func TestAccountsStory(t *testing.T) {
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	a := exampleOrganization()
	a.serve(t)
	var story strings.Builder
	play := func(args ...string) {
		code, out, errs := trailkeeper("", args...)
		fmt.Fprintf(&story, "$ trailkeeper %s\n%s%s[exit %d]\n\n", strings.Join(args, " "), out, errs, code)
	}
	play("accounts")
	content := string(read(t, accountsFile))
	fmt.Fprintf(&story, "$ cat %s\n%s\n", accountsFile, content)
	play("accounts")
	a["ListOrganizationalUnitsForParent"] = func(in map[string]any) (int, any) {
		if in["ParentId"] == "r-root" {
			return 200, object{"OrganizationalUnits": []object{{"Id": "ou-sec", "Name": "security"}, {"Id": "ou-us", "Name": "prod"}}}
		}
		return 200, object{}
	}
	play("accounts")
	t.Chdir(home)
	goldentest.Compare(t, filepath.Join("testdata", "accounts-story.golden"), story.String(), *update)
	for line := range strings.Lines(story.String()) {
		if n := len([]rune(line)); n > 101 {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
	list, err := route.Parse([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	list.Routes = []route.Route{{Accounts: []string{"prod/eu", "/"}, Slack: []string{"C0123456789"}}}
	if errs := list.Check(); len(errs) > 0 {
		t.Errorf("routes cannot use the file: %v", errs)
	}
}

func TestAccountsToStdout(t *testing.T) {
	t.Chdir(t.TempDir())
	exampleOrganization().serve(t)
	code, out, errs := trailkeeper("", "accounts", "--write", "-")
	var file struct {
		Groups map[string][]string `json:"groups"`
	}
	if err := json.Unmarshal([]byte(out), &file); err != nil || code != exitOK || errs != "" {
		t.Fatalf("exit %d, %v, stderr %q", code, err, errs)
	}
	if diff := cmp.Diff([]string{"000000000001", "111122223333", "222222222222", "444444444444"}, file.Groups["prod"]); diff != "" {
		t.Errorf("prod (-want +got):\n%s", diff)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
		t.Errorf("written: %v, %v", entries, err)
	}
}

// TestAccountsRefused: nothing is written unless everything was read.
func TestAccountsRefused(t *testing.T) {
	units := func(names ...string) func(map[string]any) (int, any) {
		return func(in map[string]any) (int, any) {
			var all []object
			if in["ParentId"] == "r-root" {
				for _, n := range names {
					all = append(all, object{"Id": "ou-" + n, "Name": n})
				}
			}
			return 200, object{"OrganizationalUnits": all}
		}
	}
	for name, test := range map[string]struct {
		op     string
		answer func(map[string]any) (int, any)
		want   string
	}{
		"roots denied": {
			"ListRoots", refuse("AccessDeniedException", "You don't have permissions to access this resource."),
			"list the organization's roots: the permission organizations:ListRoots is missing, or the credentials are not of the organization's management account or a delegated administrator",
		},
		"accounts denied": {
			"ListAccountsForParent", refuse("AccessDeniedException", ""),
			"list the accounts in /: the permission organizations:ListAccountsForParent is missing",
		},
		"units denied": {
			"ListOrganizationalUnitsForParent", refuse("AccessDeniedException", ""),
			"list the units in /: the permission organizations:ListOrganizationalUnitsForParent is missing",
		},
		"no organization": {"ListRoots", refuse("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."), "the account is in no organization"},
		"expired":         {"ListRoots", refuse("ExpiredTokenException", "expired"), "AWS does not take the credentials (ExpiredToken); log in again"},
		"something else":  {"ListRoots", refuse("ServiceException", "broken\x1b[31m"), "AWS answered Service: broken[31m; look the code up"},
		"no answer of AWS": {
			"ListRoots", func(map[string]any) (int, any) { return http.StatusTeapot, "<html>" },
			"the endpoint answered with status 418 and nothing that AWS would say; check the network and AWS_ENDPOINT_URL",
		},
		"no root":             {"ListRoots", say(object{"Roots": []object{}}), "there is none to be seen"},
		"two paths that meet": {"ListOrganizationalUnitsForParent", units("a/b", "a/b"), `the organizational unit "a/b" (ou-a/b) cannot be a group`},
		"named like an ID":    {"ListOrganizationalUnitsForParent", units("111122223333"), `the organizational unit "111122223333" (ou-111122223333) cannot be a group`},
		"a unit within itself": {
			"ListOrganizationalUnitsForParent", say(object{"OrganizationalUnits": []object{{"Id": "ou", "Name": "a"}}}), "cannot be a group",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			a := exampleOrganization()
			a[test.op] = test.answer
			a.serve(t)
			code, out, errs := trailkeeper("", "accounts")
			if code != exitFailed || out != "" || !strings.Contains(errs, test.want) {
				t.Errorf("exit %d, stdout %q, stderr %q; want %q", code, out, errs, test.want)
			}
			if _, err := os.Stat(accountsFile); err == nil {
				t.Error("a file was written")
			}
		})
	}
}

// TestAccountsKeepsOtherFiles: what is no list of groups is not overwritten, and AWS is not asked.
func TestAccountsKeepsOtherFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	asked := exampleOrganization().serve(t)
	for _, content := range []string{"hello", `{"app":"x"}`, `{"routes":[{}]}`} {
		if err := os.WriteFile("other.json", []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, errs := trailkeeper("", "accounts", "--write", "other.json")
		if code != exitFailed || !strings.Contains(errs, "other.json is there and holds something else") || string(read(t, "other.json")) != content {
			t.Errorf("exit %d, %q; the file holds %s", code, errs, read(t, "other.json"))
		}
	}
	code, _, errs := trailkeeper("", "accounts", "--write", "", "--region", "Europe")
	if code != exitUsage || !strings.Contains(errs, `--region is "Europe"; want a Region such as eu-west-1; --write is empty`) {
		t.Errorf("exit %d, %q", code, errs)
	}
	if len(*asked) > 0 {
		t.Errorf("asked: %v", *asked)
	}
}

func TestOperatorWithoutRegionOrCredentials(t *testing.T) {
	answers{}.serve(t)
	t.Setenv("AWS_REGION", "")
	for _, command := range [][]string{{"accounts"}, {"redrive", "--function", "guard"}, {"test-alert"}} {
		if code, _, errs := trailkeeper("", command...); code != exitUsage || !strings.Contains(errs, "no Region: the profile has none; give one with --region") {
			t.Errorf("%v: exit %d, %q", command, code, errs)
		}
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		if code, _, errs := trailkeeper("", append(command, "--region", "eu-west-1")...); code != exitUsage || !strings.Contains(errs, "find AWS credentials") {
			t.Errorf("%v: exit %d, %q", command, code, errs)
		}
		t.Setenv("AWS_ACCESS_KEY_ID", "operator")
		if code, _, errs := trailkeeper("", append(command, "--profile", "nowhere")...); code != exitUsage || !strings.Contains(errs, "nowhere") {
			t.Errorf("%v: exit %d, %q", command, code, errs)
		}
	}
}

func TestNewCommandsHelp(t *testing.T) {
	for _, name := range []string{"accounts", "redrive", "test-alert"} {
		code, out, errs := trailkeeper("", name, "--help")
		if code != exitOK || errs != "" {
			t.Errorf("%s: exit %d, stderr %q", name, code, errs)
		}
		goldentest.Compare(t, filepath.Join("testdata", name+"-help.golden"), out, *update)
		for line := range strings.Lines(out) {
			if len([]rune(line)) > 104 {
				t.Errorf("a line of %d columns: %s", len([]rune(line)), line)
			}
		}
	}
}
