package rules

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/fivexl"
	"trailkeeper/rules/translate/metricfilter"
	"trailkeeper/rules/translate/sigma"
)

// importing is one run of the command.
type importing struct {
	from, out, separator string
}

// formats are what can be imported, by the value of --from.
var formats = map[string]func(sources []translate.Source, separator string) *translate.Set{
	"fivexl":        fivexl.Translate,
	"sigma":         func(s []translate.Source, _ string) *translate.Set { return sigma.Translate(s) },
	"metric-filter": func(s []translate.Source, _ string) *translate.Set { return metricfilter.Translate(s) },
}

func imports() *cobra.Command {
	var i importing
	cmd := &cobra.Command{
		Use:   "import --from FORMAT --out DIR [flags] FILE...",
		Short: "Translate rules of other systems into rule files",
		Long: "Translates rules into a folder for --rules: detections, ignore, lists and events.yaml. Each rule gets\n" +
			"tests made from its own clauses, which rules test runs. Its ID is printed beside its line in the source.\n\n" +
			"The formats are fivexl (rules, ignore_rules and events_to_track of the Terraform module\n" +
			"fivexl/cloudtrail-to-slack, as Terraform, Python or bare text), sigma (Sigma rules for aws/cloudtrail and\n" +
			"correlations of them, as YAML) and metric-filter (filter patterns of CloudWatch Logs, one a line, or in\n" +
			"CloudFormation or Terraform).\n\n" +
			"What can be translated is written. What cannot is named with its line and the reason, and the exit code is\n" +
			"2. A file that is there and differs is not overwritten.",
		Example: "  trailkeeper rules import --from fivexl --out my-rules main.tf",
		Args:    someFiles("import"),
		RunE:    func(cmd *cobra.Command, files []string) error { return i.run(cmd, files) },
	}
	f := cmd.Flags()
	f.StringVar(&i.from, "from", "", "what to translate: "+strings.Join(formatNames(), ", "))
	f.StringVar(&i.out, "out", "", "the folder to write to")
	f.StringVar(&i.separator, "separator", "", "what stands between the rules of fivexl in a text (default a comma)")
	f.SortFlags = false
	cli.Complete(cmd, "from", formatNames)
	return cmd
}

func formatNames() []string {
	var names []string
	for name := range formats {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (i *importing) run(cmd *cobra.Command, files []string) error {
	format := formats[i.from]
	err := cli.Check(
		cli.Bad(format != nil, "from", i.from, "one of "+strings.Join(formatNames(), ", ")),
		cli.Unless(i.out != "", "--out is missing; name the folder to write to"),
		cli.Unless(i.separator == "" || i.from == "fivexl", "--separator is for --from fivexl"),
	)
	if err != nil {
		return err
	}
	var set translate.Set
	sources := readSources(files, cmd.InOrStdin(), &set)
	translated := format(sources, i.separator)
	translated.Refused = append(set.Refused, translated.Refused...)
	written := i.write(translated, translate.Files(translated, builtIn()))
	return i.report(cmd, translated, written)
}

// builtIn are the IDs of the rules that the folder will stand beside.
func builtIn() []string {
	set, _ := detect.Load(detections.Tested(), detections.Source())
	ids := []string{"tracked-events"}
	for _, r := range set.Rules {
		ids = append(ids, r.ID)
	}
	return ids
}

// maxSource bounds a file that is translated, in bytes.
const maxSource = 4 << 20

// readSources reads files, and those of folders.
func readSources(files []string, stdin io.Reader, set *translate.Set) []translate.Source {
	var sources []translate.Source
	add := func(name string, from io.Reader, err error) {
		var text []byte
		if err == nil {
			text, err = io.ReadAll(io.LimitReader(from, maxSource+1))
		}
		switch {
		case err != nil:
			var failed *fs.PathError
			if errors.As(err, &failed) {
				err = failed.Err
			}
			set.Refuse(translate.Place{File: name, Line: 1}, "cannot be read: %v", err)
		case len(text) > maxSource:
			set.Refuse(translate.Place{File: name, Line: 1}, "the file is longer than %d bytes; split it", maxSource)
		case !utf8.Valid(text):
			set.Refuse(translate.Place{File: name, Line: 1}, "the file is no text in UTF-8")
		default:
			whole := strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n")
			sources = append(sources, translate.Source{Name: name, Text: whole})
		}
	}
	for _, file := range expanded(files) {
		if file == "-" {
			add("stdin", stdin, nil)
			continue
		}
		opened, err := os.Open(file)
		add(file, opened, err)
		if err == nil {
			_ = opened.Close()
		}
	}
	return sources
}

// readable are the endings of files in a folder that are translated.
var readable = []string{".tf", ".tfvars", ".hcl", ".py", ".txt", ".yml", ".yaml", ".json", ".template"}

// expanded has for a folder the files in it, in the order of their names.
func expanded(files []string) []string {
	var all []string
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil || !info.IsDir() {
			all = append(all, file)
			continue
		}
		_ = filepath.WalkDir(file, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && slices.Contains(readable, filepath.Ext(name)) {
				all = append(all, name)
			}
			return nil
		})
	}
	return all
}

// write puts the files into the folder, but for those that are there with something else in them.
func (i *importing) write(set *translate.Set, files []translate.Written) []translate.Written {
	return slices.DeleteFunc(files, func(f translate.Written) bool {
		name := filepath.Join(i.out, filepath.FromSlash(f.Path))
		there, err := os.ReadFile(name)
		switch {
		case err == nil && bytes.Equal(there, f.Content):
			return false
		case err == nil:
			set.Refuse(f.Place, "%s is there with another content and was left as it is; move it away, or name another --out",
				name)
			return true
		}
		if err := cli.WriteFile(name, f.Content); err != nil {
			set.Refuse(f.Place, "%v", err)
			return true
		}
		return false
	})
}

// report prints the ID of each rule beside its place, and what is to be said of places.
func (i *importing) report(cmd *cobra.Command, set *translate.Set, written []translate.Written) error {
	out := bufio.NewWriter(cmd.OutOrStdout())
	rules, ignores := 0, 0
	for _, f := range written {
		switch {
		case strings.HasPrefix(f.Path, "ignore/"):
			ignores++
		case f.ID != "":
			rules++
		default:
			continue
		}
		fmt.Fprintf(out, "%s  %s\n", sanitize.Bound(f.Place.String(), 200), f.ID)
	}
	for _, n := range set.Remarks {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning: "+sanitize.Bound(n.Error(), 500))
	}
	for _, n := range set.Refused {
		fmt.Fprintln(cmd.ErrOrStderr(), sanitize.Bound(n.Error(), 500))
	}
	fmt.Fprintf(out, "%s, %s and %s in %s\n", cli.Count(rules, "rule", "rules"),
		cli.Count(ignores, "ignore rule", "ignore rules"), cli.Count(len(set.Events), "event", "events"),
		sanitize.Bound(i.out, 200))
	var wrong error
	if len(set.Refused) > 0 {
		wrong = cli.Usage(cli.Count(len(set.Refused), "thing was", "things were") + " not translated; the rest was")
	}
	return cmp.Or(cli.Flush(out), wrong)
}
