package fivexl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/fivexl"
)

const stop, start, del = `event["eventName"] == "StopLogging"`, `event['eventName'] == 'StartLogging'`,
	`event["eventName"] in ("DeleteTrail", "RemoveTags")`

// said is what a set has, each with its line: rules, ignore rules, events, what is refused and what is remarked on.
func said(s *translate.Set) []string {
	var all []string
	for _, r := range s.Rules {
		all = append(all, fmt.Sprintf("%d rule %s", r.Line, r.ID))
	}
	for _, i := range s.Ignores {
		all = append(all, fmt.Sprintf("%d ignore %s", i.Line, i.ID))
	}
	for _, n := range s.Refused {
		all = append(all, fmt.Sprintf("%d refused %s", n.Line, n.Text))
	}
	for _, n := range s.Remarks {
		all = append(all, fmt.Sprintf("%d remark %s", n.Line, n.Text))
	}
	return append(all, "events "+strings.Join(s.Events, " "))
}

// TestTranslate: want are the beginnings of what is said, in order.
func TestTranslate(t *testing.T) {
	for name, c := range map[string]struct {
		file, text, separator string
		want                  []string
	}{
		"one joined string": {
			"rules.txt", stop + "," + start + ",", "",
			[]string{"1 rule fivexl-rule-1", "1 rule fivexl-rule-2", "events "},
		},
		"commas within a rule": {
			"rules.txt", stop + ",\n" + del + ",\n" + start, "",
			[]string{"1 rule fivexl-rule-1", "2 rule fivexl-rule-2", "3 rule fivexl-rule-3", "events "},
		},
		"a separator": {
			"rules.txt", stop + "%" + del + "%", "%",
			[]string{"1 rule fivexl-rule-1", "1 rule fivexl-rule-2", "events "},
		},
		"one rule is wrong": {
			"rules.txt", stop + ",\nfoo(event),\n" + start, "",
			[]string{"1 rule fivexl-rule-1", "3 rule fivexl-rule-3", "2 refused a call of foo()", "events "},
		},
		"an open bracket": {
			"rules.txt", `event["a" == "x",` + stop, "",
			[]string{"1 rule fivexl-rule-2", "1 refused ", "1 remark several rules stand here without a comma", "events "},
		},
		"a line for each": {
			"rules.txt", "# ours\n" + stop + "\n\n" + start + "\n", "",
			[]string{
				"2 rule fivexl-rule-1", "4 rule fivexl-rule-2", "2 remark several rules stand here without a comma", "events ",
			},
		},
		"ignore rules": {
			"ignore.txt", stop, "", []string{"1 ignore fivexl-ignore-1", "events "},
		},
		"events": {
			"events.txt", "StopLogging, DeleteTrail,\nPutEventSelectors\n", "",
			[]string{"events StopLogging DeleteTrail PutEventSelectors"},
		},
		"a list": {
			"rules.txt", "[\n'" + stop + "',\n\"" + start + "\"]", "",
			[]string{"2 rule fivexl-rule-1", "3 rule fivexl-rule-2", "events "},
		},
		"a list without a comma": {
			"rules.txt", "[\n'" + stop + "'\n\"" + start + "\"]", "",
			[]string{
				`2 refused "event" follows the text "StopLogging"`,
				"2 remark this text is written in parts without a comma",
				"events ",
			},
		},
		"calls of append": {
			"rules.py",
			"default_rules.append('" + stop + " '\n  'and event[\"a\"] == \"b\"')\nignore_rules = ['" + del +
				"']\nevents = [\"A\", 'B']",
			"",
			[]string{"1 rule fivexl-rule-1", "3 ignore fivexl-ignore-1", "events A B"},
		},
		"an f-string": {
			"rules.py", "default_rules.append('" + stop + "')\nrules.append('event[\"a\"] == '\n  f'\"{b}\"')\n", "",
			[]string{"1 rule fivexl-rule-1", "2 refused an f-string with values in braces", "events "},
		},
		"a module": {
			"main.tf", `
locals {
  separator = "%"
  mine = [
    # the trail
    "event['eventName'] == 'StopLogging'", // stopped
    <<-EOT
      event["eventName"] in ("A",
        "B")
    EOT
    ,
  ]
  ec2 = "SendSSHPublicKey"
}
module "cloudtrail_to_slack" {
  source          = "fivexl/cloudtrail-to-slack/aws"
  rules           = join(local.separator, concat(local.mine, ["event['a'] == 'b'"]))
  rules_separator = local.separator
  ignore_rules    = "${local.first}${local.separator}event[\"c\"] == \"d\""
  events_to_track = "${local.ec2}, DeleteTrail,${var.more}"
}
locals { first = "event['x'] == 'y'" }
variable "more" { default = "StopLogging" }
`, "",
			[]string{
				"6 rule fivexl-rule-1", "8 rule fivexl-rule-2", "17 rule fivexl-rule-3", "22 ignore fivexl-ignore-1",
				"19 ignore fivexl-ignore-2", "events SendSSHPublicKey DeleteTrail StopLogging",
			},
		},
		"a module with a forgotten comma": {
			"main.tf", `module "x" {
  rules = join(",", [
    "event['eventName'] == 'A'"
    "event['eventName'] == 'B'",
    "event['eventName'] == 'C'"
    " and event['x'] == 'y'",
    "event['eventName'].startswith(('D' 'E'))",
  ])
}`, "",
			[]string{
				"5 rule fivexl-rule-2",
				"7 rule fivexl-rule-3",
				`3 refused "event" follows the text "A" without an operator; is a comma missing`,
				"4 remark this text follows another without a comma", "6 remark this text follows another without a comma",
				"7 remark the text \"D\" is followed by another without a comma", "events ",
			},
		},
		"locals alone": {
			"rules.hcl", "locals {\n  rules = [\"event['a'] == 'b'\", \"event['c'].startswith(('d', 'e'))\"]\n}\n", "",
			[]string{"2 rule fivexl-rule-1", "2 rule fivexl-rule-2", "events "},
		},
		"an object of locals with one name twice": {
			"rules.hcl", "locals = {\n  rules = [\"event['a'] == 'b'\"]\n  rules = join(\",\", local.rules)\n}\n", "",
			[]string{"2 rule fivexl-rule-1", "events "},
		},
		"values of variables": {
			"terraform.tfvars",
			"rules = \"event['a'] == 'b';event['c'] == 'd'\"\nrules_separator = \";\"\nevents_to_track = \"A\"",
			"",
			[]string{"1 rule fivexl-rule-1", "1 rule fivexl-rule-2", "events A"},
		},
		"values of variables in JSON": {
			"terraform.tfvars.json",
			"{\n\"rules\": \"event['a'] == 'b',event['c'] == 'd'\",\n\"ignore_rules\": [\"event['e'] == 'f'\"]," +
				" \"events_to_track\": \"A,B\"}",
			"",
			[]string{"2 rule fivexl-rule-1", "2 rule fivexl-rule-2", "3 ignore fivexl-ignore-1", "events A B"},
		},
		"what only Terraform knows": {
			"main.tf", "module \"a\" {\n  rules = data.x.y\n  ignore_rules = var.none\n  events_to_track = upper(\"a\")\n}", "",
			[]string{
				"2 refused rules: data.x.y cannot be known without Terraform",
				"3 refused ignore_rules: var.none has no value in these files",
				"4 refused events_to_track: the call of upper cannot be known", "events ",
			},
		},
		"a local of itself": {
			"main.tf", "locals {\n a = local.b\n b = local.a\n}\nmodule \"a\" {\n  rules = local.a\n}", "",
			[]string{"6 refused rules: local.a refers to itself", "events "},
		},
		"a local that doubles": {
			"main.tf", "locals {\n a0 = [\"x\", \"x\"]\n" + doubling(25) + "}\nmodule \"a\" {\n  rules = local.a25\n}", "",
			[]string{"30 refused rules: the configuration takes more steps", "events "},
		},
		"another module": {
			"main.tf", "module \"sg\" {\n  source = \"terraform-aws-modules/security-group/aws\"\n  rules = {}\n}", "",
			[]string{"1 refused there is nothing to translate", "events "},
		},
		"no Terraform": {
			"main.tf", "module \"a\" {\n  rules = \n}\n", "",
			[]string{"2 refused not Terraform: ", "2 refused rules: the value on line 2", "events "},
		},
		"nothing": {"a.txt", "", "", []string{"1 refused there is nothing to translate", "events "}},
		"no event": {
			"main.tf", "events_to_track = \"A,B-${1}!\"\n", "", []string{`1 refused "B-1!" is no name of an event`, "events A"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := said(fivexl.Translate([]translate.Source{{Name: c.file, Text: c.text}}, c.separator))
			if len(got) != len(c.want) || slices.ContainsFunc(pairs(got, c.want), func(p [2]string) bool {
				return !strings.HasPrefix(p[0], p[1])
			}) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func doubling(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, " a%d = concat(local.a%d, local.a%d)\n", i, i-1, i-1)
	}
	return b.String()
}

func pairs(a, b []string) [][2]string {
	var all [][2]string
	for i := range a {
		all = append(all, [2]string{a[i], b[i]})
	}
	return all
}

func FuzzTranslate(f *testing.F) {
	f.Add("main.tf", "module \"a\" {\n rules = join(\",\", [\"event['a'] == 'b'\" \"x\"])\n events_to_track = \"A\"\n}")
	f.Add("a.tfvars", "rules = <<EOT\nevent['a'] == 'b'\nEOT\n")
	f.Add("rules.py", "rules.append('event[\"a\"] == \"b\"')")
	f.Add("rules.txt", stop+","+start)
	f.Add("a.tfvars.json", `{"rules": ["True"], "events_to_track": "A"}`)
	f.Fuzz(func(t *testing.T, name, text string) {
		set := fivexl.Translate([]translate.Source{{Name: name, Text: text}}, "")
		if len(set.Rules)+len(set.Ignores)+len(set.Events)+len(set.Refused) == 0 {
			t.Error("nothing is translated and nothing refused")
		}
		for _, r := range set.Rules {
			if r.Line < 1 || r.Line > 1+strings.Count(text, "\n") {
				t.Errorf("line %d of %q", r.Line, text)
			}
		}
	})
}
