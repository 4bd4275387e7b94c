package terraform_test

import (
	"strings"
	"testing"

	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/terraform"
)

// text is a value in one line: a list in brackets.
func text(v terraform.Value) string {
	if !v.IsList {
		return v.String()
	}
	var all []string
	for _, one := range v.List {
		all = append(all, text(one))
	}
	return "[" + strings.Join(all, " ") + "]"
}

const locals = `
locals {
  a    = "x"
  list = ["p", local.a]
  loop = local.loop
}
variable "v" { default = "w" }
`

// TestValue: want is the value, or what the error has.
func TestValue(t *testing.T) {
	for expression, want := range map[string]string{
		`"plain"`:                       `plain`,
		`"a\"b\n"`:                      "a\"b\n",
		`"1-${local.a}-${var.v}"`:       `1-x-w`,
		`"${local.a}"`:                  `x`,
		`"$${local.a}"`:                 `${local.a}`,
		`("a")`:                         `a`,
		`5`:                             `5`,
		`true`:                          `true`,
		`null`:                          ``,
		`["a", "b"]`:                    `[a b]`,
		`["a" "b", "c"]`:                `[ab c]`,
		"[\"a\" # one\n \"b\"]":         `[ab]`,
		`concat(["a"], local.list, [])`: `[a p x]`,
		`join("%", local.list)`:         `p%x`,
		`join(",", ["a"], local.list)`:  `a,p,x`,
		`join(local.a, concat(local.list, ["q"]))`: `pxxxq`,
		`compact(["a", "", "b"])`:                  `[a b]`,
		`distinct(["a", "b", "a"])`:                `[a b]`,
		`flatten([["a"], ["b", ["c"]]])`:           `[a b c]`,
		`trimspace("a")`:                           `a`,
		"<<-EOT\n    a\n      b\n  EOT\n":          "a\n  b\n",
		`local.none`:                               `!local.none has no value in these files`,
		`local.loop`:                               `!local.loop refers to itself`,
		`var.none`:                                 `!var.none has no value`,
		`upper("a")`:                               `!the call of upper cannot be known`,
		`data.a.b`:                                 `!data.a.b cannot be known`,
		`local.list[0]`:                            `!a value with an index`,
		`"${local.list}"`:                          `[p x]`,
		`"x${local.list}"`:                         `!a list stands in the text`,
		`[for x in local.list : x]`:                `!cannot be known without Terraform`,
		`true ? "a" : "b"`:                         `!cannot be known without Terraform`,
		`join(",", local.list...)`:                 `!the call of join`,
	} {
		source := translate.Source{Name: "a.tf", Text: locals + "module \"m\" {\n  v = " + expression + "\n}\n"}
		c := terraform.Read([]translate.Source{source})
		for _, n := range c.Problems {
			t.Errorf("%s: %v", expression, n)
		}
		for _, b := range c.Blocks {
			if b.Type != "module" {
				continue
			}
			v, err := b.Value("v")
			got := text(v)
			if err != nil {
				got = "!" + err.Error()
			}
			if wrong := strings.TrimPrefix(want, "!"); got != want && (wrong == want || !strings.Contains(got, wrong)) {
				t.Errorf("%s: %q, want %q", expression, got, want)
			}
			if at := b.At("v"); at.File != "a.tf" || at.Line != 9 {
				t.Errorf("%s: at %v", expression, at)
			}
		}
	}
}

// TestPlaces: each text of a value has the line that it stands on, also where literals are joined.
func TestPlaces(t *testing.T) {
	c := terraform.Read([]translate.Source{{Name: "a.tf", Text: `module "m" {
  v = join("", [
    "a"
    "b",
    "c",
    <<EOT
d
EOT
  ])
}
`}})
	v, err := c.Blocks[1].Value("v")
	if err != nil || len(c.Problems) > 0 {
		t.Fatal(err, c.Problems)
	}
	var got []string
	for _, p := range v.Pieces {
		if p.Text != "" {
			got = append(got, strings.TrimSpace(p.Text)+p.Place.String())
		}
	}
	if want := "aa.tf:3 ba.tf:4 ca.tf:5 da.tf:7"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(c.Joined) != 1 || c.Joined[0].Line != 4 {
		t.Errorf("joined %v", c.Joined)
	}
}

// TestDeep: what is nested deeper than a parser should go is refused, and other files are read.
func TestDeep(t *testing.T) {
	for name, deep := range map[string]string{
		"brackets":  "v = " + strings.Repeat("[", 300),
		"blocks":    strings.Repeat("a {", 300),
		"templates": `v = "` + strings.Repeat("${", 300),
		"signs":     "v = " + strings.Repeat("-", 20_000) + "1",
	} {
		c := terraform.Read([]translate.Source{{Name: "a.tf", Text: deep}, {Name: "b.tf", Text: "v = \"x\"\n"}})
		if len(c.Problems) != 1 || !strings.Contains(c.Problems[0].Text, "too deep") || len(c.Blocks) != 1 {
			t.Errorf("%s: %v, %d blocks", name, c.Problems, len(c.Blocks))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(locals + "module \"m\" {\n v = join(\",\", [\"a\" \"b\", local.a])\n}\nlocals = { v = 1 }\nv = <<E\nx\nE\n")
	f.Fuzz(func(t *testing.T, source string) {
		c := terraform.Read([]translate.Source{{Name: "a.tf", Text: source}})
		for _, b := range c.Blocks {
			if !b.Has("v") {
				continue
			}
			if v, err := b.Value("v"); err == nil {
				for _, p := range v.Pieces {
					if p.Line < 1 || p.Line > 1+strings.Count(source, "\n") {
						t.Errorf("line %d of %q", p.Line, source)
					}
				}
			}
		}
	})
}
