package notes

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// TestCatalogueIsComplete: every note that package finding names has words, and there are none for others. The words
// are whole sentences.
func TestCatalogueIsComplete(t *testing.T) {
	named := noteIDs(t)
	for id := range named {
		if _, ok := catalogue()[id]; !ok {
			t.Errorf("no words for %q", id)
		}
	}
	for id, words := range catalogue() {
		if !named[id] {
			t.Errorf("%q has words, and package finding does not name it", id)
		}
		words, _, _ := strings.Cut(words, mark)
		if plain := strings.ReplaceAll(
			words,
			"%s",
			"",
		); strings.Contains(plain, "%") ||
			id != finding.NoteText && !strings.HasSuffix(words, ".") && !strings.HasSuffix(words, "%s") {
			t.Errorf("%s: %q is no sentence", id, words)
		}
	}
}

// noteIDs reads the constants of type NoteID in package finding.
func noteIDs(t *testing.T) map[finding.NoteID]bool {
	t.Helper()
	files, err := filepath.Glob("../../finding/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	named := map[finding.NoteID]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "NoteID" {
				for _, v := range spec.Values {
					id, err := strconv.Unquote(v.(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					named[finding.NoteID(id)] = true
				}
			}
			return true
		})
	}
	return named
}

// TestWord: values are bounded and cleaned, and a note that the catalogue does not know, or whose values do not fit, is
// shown all the same.
func TestWord(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for _, test := range []struct {
		note finding.Note
		want string
	}{
		{finding.Say(finding.NoteText, "It is\nso."), "It is so."},
		{finding.Say(finding.NoteText, 90*time.Second), "1 min 30 s"},
		{finding.Say("new_in_a_later_version", "a\u202eb", 7), "new_in_a_later_version ab, 7"},
		{finding.Say(finding.NoteText), "text"},
		{finding.Say("unknown", long), "unknown " + strings.Repeat("x", maxValue-9) + "…"},
	} {
		if got := Word(test.note); got != test.want {
			t.Errorf("%v: %q, want %q", test.note, got, test.want)
		}
	}
}

// TestStep: a note's command stands for itself, and only where a shell reads nothing in its values.
func TestStep(t *testing.T) {
	const id finding.NoteID = "step_of_this_test"
	catalogue()[id] = "Start %s." + mark + "aws cloudtrail start-logging --region %s --name %s"
	defer delete(catalogue(), id)
	const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/a.b-c_d"
	for _, test := range []struct {
		values        []any
		text, command string
	}{
		{[]any{"it", "eu-west-1", arn}, "Start it.", "aws cloudtrail start-logging --region eu-west-1 --name " + arn},
		{
			[]any{"`it`", "eu-west-1", arn},
			"Start `it`.",
			"aws cloudtrail start-logging --region eu-west-1 --name " + arn,
		},
		{[]any{"it", "", arn}, "Start it.", ""},
		{[]any{"it", "eu-west-1", arn + ";id"}, "Start it.", ""},
		{[]any{"it", "eu-west-1", "$(id)"}, "Start it.", ""},
		{[]any{"it", "eu-west-1", "a b"}, "Start it.", ""},
		{[]any{"it", "eu-west-1", "-x"}, "Start it.", ""},
		{[]any{"it", "eu-west-1", "a\nb"}, "Start it.", ""},
		{[]any{"it", "eu-west-1"}, string(id) + " it, eu-west-1", ""},
	} {
		text, command := Step(finding.Say(id, test.values...))
		if text != test.text || command != test.command {
			t.Errorf("%v: %q %q; want %q %q", test.values, text, command, test.text, test.command)
		}
	}
}
