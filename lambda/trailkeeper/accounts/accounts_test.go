package accounts

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

var trailkeeper = clitest.Command(New)

// example is an organization: its root, units in units, pages, and accounts that are not active.
func exampleOrganization() clitest.Answers {
	account := func(id, state string) clitest.Object { return clitest.Object{"Id": id, "State": state} }
	return clitest.Answers{
		"ListRoots": clitest.Say(clitest.Object{"Roots": []clitest.Object{{"Id": "r-root", "Name": "Root"}}}),
		"ListOrganizationalUnitsForParent": func(in map[string]any) (int, any) {
			switch {
			case in["ParentId"] == "r-root" && in["NextToken"] == nil:
				return 200, clitest.Object{
					"OrganizationalUnits": []clitest.Object{{"Id": "ou-sec", "Name": "security"}},
					"NextToken":           "more",
				}
			case in["ParentId"] == "r-root":
				return 200, clitest.Object{"OrganizationalUnits": []clitest.Object{
					{"Id": "ou-prod", "Name": "prod"},
					{"Id": "ou-new", "Name": "new\u202ename"},
				}}
			case in["ParentId"] == "ou-prod":
				return 200, clitest.Object{"OrganizationalUnits": []clitest.Object{
					{"Id": "ou-us", "Name": "us"},
					{"Id": "ou-eu", "Name": "eu"},
				}}
			}
			return 200, clitest.Object{}
		},
		"ListAccountsForParent": func(in map[string]any) (int, any) {
			switch {
			case in["ParentId"] == "r-root":
				return 200, clitest.Object{"Accounts": []clitest.Object{account("999999999999", "ACTIVE")}}
			case in["ParentId"] == "ou-sec":
				return 200, clitest.Object{"Accounts": []clitest.Object{
					{"Id": "555555555555", "Status": "ACTIVE"},
					account("666666666666", "PENDING_CLOSURE"),
				}}
			case in["ParentId"] == "ou-eu" && in["NextToken"] == nil:
				return 200, clitest.Object{"NextToken": "more"} // a page can be empty
			case in["ParentId"] == "ou-eu":
				return 200, clitest.Object{"Accounts": []clitest.Object{
					account("222222222222", "ACTIVE"),
					account("111122223333", "ACTIVE"), account("333333333333", "SUSPENDED"),
				}}
			case in["ParentId"] == "ou-us":
				return 200, clitest.Object{"Accounts": []clitest.Object{account("444444444444", "ACTIVE")}}
			case in["ParentId"] == "ou-prod":
				return 200, clitest.Object{"Accounts": []clitest.Object{account("000000000001", "ACTIVE")}}
			}
			return 200, clitest.Object{}
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
	a.Serve(t)
	var story strings.Builder
	play := func(args ...string) {
		code, out, errs := trailkeeper("", args...)
		fmt.Fprintf(&story, "$ trailkeeper %s\n%s%s[exit %d]\n\n", strings.Join(args, " "), out, errs, code)
	}
	play("accounts")
	content := string(clitest.Read(t, accountsFile))
	fmt.Fprintf(&story, "$ cat %s\n%s\n", accountsFile, content)
	play("accounts")
	a["ListOrganizationalUnitsForParent"] = func(in map[string]any) (int, any) {
		if in["ParentId"] == "r-root" {
			return 200, clitest.Object{"OrganizationalUnits": []clitest.Object{
				{"Id": "ou-sec", "Name": "security"},
				{"Id": "ou-us", "Name": "prod"},
			}}
		}
		return 200, clitest.Object{}
	}
	play("accounts")
	t.Chdir(home)
	clitest.Golden(t, "story.golden", story.String())
	clitest.Narrow(t, story.String(), cli.Columns)
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
	exampleOrganization().Serve(t)
	code, out, errs := trailkeeper("", "accounts", "--write", "-")
	var file struct {
		Groups map[string][]string `json:"groups"`
	}
	if err := json.Unmarshal([]byte(out), &file); err != nil || code != cli.ExitOK || errs != "" {
		t.Fatalf("exit %d, %v, stderr %q", code, err, errs)
	}
	if diff := cmp.Diff([]string{"000000000001", "111122223333", "222222222222", "444444444444"},
		file.Groups["prod"]); diff != "" {
		t.Errorf("prod (-want +got):\n%s", diff)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
		t.Errorf("written: %v, %v", entries, err)
	}
}

// TestAccountsToPipe: what is no regular file is written to, and not read before. A folder is refused.
func TestAccountsToPipe(t *testing.T) {
	asked := exampleOrganization().Serve(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.OpenFile(pipe, os.O_RDWR, 0) // both ends, so that nobody waits
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := in.WriteString("no groups"); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := trailkeeper("", "accounts", "--write", pipe); code != cli.ExitOK || errs != "" {
		t.Fatalf("exit %d, %q", code, errs)
	}
	got := make([]byte, 1000)
	n, err := in.Read(got)
	if err != nil || !strings.HasPrefix(string(got[:n]), "no groups{") {
		t.Errorf("through the pipe came %q, %v", got[:n], err)
	}
	*asked = nil
	folder := t.TempDir()
	code, _, errs := trailkeeper("", "accounts", "--write", folder)
	if code != cli.ExitUsage || !strings.Contains(errs, "write "+folder+": it is a folder") || len(*asked) > 0 {
		t.Errorf("a folder: exit %d, %q, after %v", code, errs, *asked)
	}
}

// TestAccountsRefused: nothing is written unless everything was read.
func TestAccountsRefused(t *testing.T) {
	units := func(names ...string) func(map[string]any) (int, any) {
		return func(in map[string]any) (int, any) {
			var all []clitest.Object
			if in["ParentId"] == "r-root" {
				for _, n := range names {
					all = append(all, clitest.Object{"Id": "ou-" + n, "Name": n})
				}
			}
			return 200, clitest.Object{"OrganizationalUnits": all}
		}
	}
	for name, test := range map[string]struct {
		op     string
		answer func(map[string]any) (int, any)
		want   string
	}{
		"roots denied": {
			"ListRoots", clitest.Refuse("AccessDeniedException", "You don't have permissions to access this resource."),
			"list the organization's roots: the permission organizations:ListRoots is missing, or the credentials are not " +
				"of the organization's management account or a delegated administrator",
		},
		"accounts denied": {
			"ListAccountsForParent", clitest.Refuse("AccessDeniedException", ""),
			"list the accounts in /: the permission organizations:ListAccountsForParent is missing",
		},
		"units denied": {
			"ListOrganizationalUnitsForParent", clitest.Refuse("AccessDeniedException", ""),
			"list the units in /: the permission organizations:ListOrganizationalUnitsForParent is missing",
		},
		"no organization": {
			"ListRoots",
			clitest.Refuse("AWSOrganizationsNotInUseException",
				"Your account is not a member of an organization."), "the account is in no organization",
		},
		"expired": {
			"ListRoots", clitest.Refuse("ExpiredTokenException", "expired"),
			"AWS does not take the credentials (ExpiredToken); log in again",
		},
		"something else": {
			"ListRoots", clitest.Refuse("ServiceException", "broken\x1b[31m"),
			"AWS answered Service: broken[31m; look the code up",
		},
		"no answer of AWS": {
			"ListRoots", func(map[string]any) (int, any) { return http.StatusTeapot, "<html>" },
			"the endpoint answered with status 418 and nothing that AWS would say; check the network and AWS_ENDPOINT_URL",
		},
		"no root": {
			"ListRoots", clitest.Say(clitest.Object{"Roots": []clitest.Object{}}),
			"there is none to be seen",
		},
		"two paths that meet": {
			"ListOrganizationalUnitsForParent", units("a/b", "a/b"),
			`the organizational unit "a/b" (ou-a/b) cannot be a group`,
		},
		"named like an ID": {
			"ListOrganizationalUnitsForParent", units("111122223333"),
			`the organizational unit "111122223333" (ou-111122223333) cannot be a group`,
		},
		"a unit within itself": {
			"ListOrganizationalUnitsForParent", clitest.Say(clitest.Object{"OrganizationalUnits": []clitest.Object{{
				"Id":   "ou",
				"Name": "a",
			}}}), "cannot be a group",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			a := exampleOrganization()
			a[test.op] = test.answer
			a.Serve(t)
			code, out, errs := trailkeeper("", "accounts")
			if code != cli.ExitFailed || out != "" || !strings.Contains(errs, test.want) {
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
	asked := exampleOrganization().Serve(t)
	for _, content := range []string{"hello", `{"app":"x"}`, `{"routes":[{}]}`} {
		if err := os.WriteFile("other.json", []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, errs := trailkeeper("", "accounts", "--write", "other.json")
		if code != cli.ExitFailed || !strings.Contains(errs, "other.json is there and holds something else") ||
			string(clitest.Read(t, "other.json")) != content {
			t.Errorf("exit %d, %q; the file holds %s", code, errs, clitest.Read(t, "other.json"))
		}
	}
	code, _, errs := trailkeeper("", "accounts", "--write", "", "--region", "Europe")
	if code != cli.ExitUsage ||
		!strings.Contains(errs, `--region is "Europe"; want a Region such as eu-west-1; --write is empty`) {
		t.Errorf("exit %d, %q", code, errs)
	}
	if len(*asked) > 0 {
		t.Errorf("asked: %v", *asked)
	}
}

func TestHelp(t *testing.T) { clitest.Help(t, trailkeeper, "help.golden", "accounts", "--help") }
