package dashboard

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/lambda/trailkeeper/clitest"
)

// TestOpen: what is open is named from the state table, which the stack's name finds; what cannot be read is a
// sentence.
func TestOpen(t *testing.T) {
	text := func(s string) clitest.Object { return clitest.Object{"S": s} }
	item := func(trail, document string) clitest.Object {
		return clitest.Object{
			"pk":       text("incident"),
			"sk":       text(trail),
			"document": text(document),
			"revision": text("1"),
		}
	}
	incidents := clitest.Say(clitest.Object{"Items": []clitest.Object{
		item("arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
			`{"id":"inc-0123456789abcdef","state":"needs_human","opened":"2026-03-02T09:15:00Z","count":2,"dark":60000000000,`+
				`"last":{"event_id":"e","actor":"user mallory","headline":"h","outcome":"notified"}}`),
		item("arn:aws:cloudtrail:eu-west-1:111122223333:trail/fine",
			`{"id":"inc-0123456789abcdee","state":"restored","opened":"2026-03-02T09:15:00Z",`+
				`"closed":"2026-03-02T09:16:00Z","count":1}`),
	}})
	tables := func(names ...string) clitest.Answer { return clitest.Say(clitest.Object{"TableNames": names}) }
	const ours = "trailkeeper-StateTable96BC688D-1XY"
	for name, test := range map[string]struct {
		flag         string
		list, query  clitest.Answer
		want, reason string
	}{
		"found by the stack": {
			"", tables(ours, "trailkeeper-eu-StateTable96BC688D-2"), incidents,
			"main 111122223333 eu-west-1 user mallory needs_human 1m0s", "",
		},
		"named": {"other", nil, incidents, "main 111122223333 eu-west-1 user mallory needs_human 1m0s", ""},
		"no table": {
			"", tables("trailkeeper2-StateTable"), nil, "", "there is no table of a stack trailkeeper; name it",
		},
		"several": {
			"", tables(ours, ours+"2"), nil, "", "there are several tables of a stack trailkeeper; name one",
		},
		"list refused": {
			"", clitest.Refuse("AccessDeniedException", "no"), nil, "", "the permission dynamodb:ListTables is",
		},
		"query refused":    {"t", nil, clitest.Refuse("AccessDeniedException", "no"), "", "read the incidents"},
		"nothing is there": {"t", nil, clitest.Say(clitest.Object{}), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			answers := clitest.Answers{}
			if test.list != nil {
				answers["ListTables"] = test.list
			}
			if test.query != nil {
				answers["Query"] = test.query
			}
			answers.Serve(t)
			f := options{stack: "trailkeeper", table: test.flag}
			cfg, err := f.Config(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			open, err := f.open(t.Context(), cfg)
			var got []string
			for _, i := range open {
				got = append(got, fmt.Sprint(i.Trail, " ", i.Account, " ", i.Region, " ", i.Actor, " ", i.State, " ", i.Dark))
			}
			if strings.Join(got, "\n") != test.want {
				t.Errorf("open: %q, want %q", got, test.want)
			}
			if (err == nil) != (test.reason == "") || err != nil && !strings.Contains(err.Error(), test.reason) {
				t.Errorf("error %v, want %q", err, test.reason)
			}
		})
	}
}
