package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
)

// TestListsRoundTrip: what cdk puts into the asset is what the guard reads, in the same order.
func TestListsRoundTrip(t *testing.T) {
	many := config.Lists{SweepRegions: []string{"us-east-1", "eu-west-1"}}
	for i := range 1000 {
		many.Accounts = append(many.Accounts, fmt.Sprintf("%012d", 999999999999-i))
	}
	named := config.Lists{AccountNames: map[string]string{"444455556666": "production", "111122223333": "Log \"archive\""}}
	for _, want := range []config.Lists{{}, named, {Accounts: []string{"444455556666", "111122223333"}}, many} {
		content, err := config.FormatLists(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := config.ParseLists(content)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
		if want.Empty() != (len(want.Accounts)+len(want.SweepRegions)+len(want.AccountNames) == 0) {
			t.Errorf("%d accounts: empty is %v", len(want.Accounts), want.Empty())
		}
	}
}

func TestParseListsRefuses(t *testing.T) {
	for content, want := range map[string]string{
		"":                                "lists.json: no lists: EOF",
		`{"account": []}`:                 `unknown field "account"`,
		`{"accounts": ["111122223333"]}}`: "more behind",
		`{"accounts": ["111122223333", "11112222333"]}`: `accounts[1] is "11112222333"; want an account ID of 12 ` +
			`digits`,
		`{"accounts": ["1111222233334", "111122223333"]}`: `accounts[0] is "1111222233334"`,
		`{"sweepRegions": ["", "eu-west-1"]}`:             `sweepRegions[0] is ""`,
		`{"sweepRegions": ["eu-west-1", "eu west"]}`: `sweepRegions[1] is "eu west"; want a ` +
			`Region`,
		`{"accountNames": {"11112222333": "a"}}`: `accountNames has "11112222333": "a"; want an account ` +
			`ID`,
		`{"accountNames": {"111122223333": ""}}`:                                `accountNames has "111122223333": ""`,
		`{"accountNames": {"111122223333": "xoxb-secret-a"}}`:                   "looks like a credential",
		`{"accountNames": {"111122223333": "` + strings.Repeat("é", 51) + `"}}`: "a name of 1 to 50 characters",
		`{"accounts": ["111122223333", "xoxb-very-secret"]}`:                    "looks like a credential",
	} {
		got, err := config.ParseLists([]byte(content))
		if err == nil || !strings.Contains(err.Error(), want) || !got.Empty() {
			t.Errorf("%s: %+v, %v; want nothing, and %q", content, got, err, want)
		}
	}
}

// TestWith: accounts of the asset take the place of the stack's own; without any, that counts.
func TestWith(t *testing.T) {
	own := config.Guard{Reporting: config.Reporting{Accounts: []string{"111122223333"}}}
	names := map[string]string{"111122223333": strings.Repeat("é", 50)}
	if got := own.With(config.Lists{AccountNames: names}); !config.ValidAccountName(names["111122223333"]) ||
		!cmp.Equal(names, got.AccountNames) {
		t.Errorf("%+v", got)
	}
	for name, tt := range map[string]struct{ lists, want config.Lists }{
		"none": {config.Lists{}, config.Lists{Accounts: []string{"111122223333"}}},
		"Regions": {
			config.Lists{SweepRegions: []string{"eu-west-1"}},
			config.Lists{Accounts: []string{"111122223333"}, SweepRegions: []string{"eu-west-1"}},
		},
		"accounts": {config.Lists{Accounts: []string{"444455556666"}}, config.Lists{Accounts: []string{"444455556666"}}},
	} {
		got := own.With(tt.lists)
		if diff := cmp.Diff(tt.want, config.Lists{Accounts: got.Accounts, SweepRegions: got.SweepRegions}); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
