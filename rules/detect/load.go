package detect

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/lambda/config/nearest"
	"trailkeeper/rules/expression"
)

// Source is a folder of rules: rule files in detections and beside it, ignore rules in ignore, lists in lists, the
// names of further events in events.yaml, and what is particular to accounts in accounts.yaml. A rule file that is the
// same as a built-in one is no second rule: the folder rules of a checkout is a source as well.
type Source struct {
	Name    string // what files are called by in problems, before their paths
	Files   fs.FS
	BuiltIn bool // a rule that misses a list is off; a rule without tests is a problem
}

// Options are what rules may depend on beside their files.
type Options struct {
	Lists map[string][]string // beside those of the sources, and before them
	Stack string              // the name of the stack, which the variable of that name has
	Today string              // YYYY-MM-DD: an ignore rule that ended before it does not count
	All   bool                // rules that are off count as well, wherever they are switched off
	// Switches are those of the settings, by the IDs of rules. What accounts.yaml says of an account goes before them,
	// and they before the rules' files.
	Switches map[string]Switch
}

// Set is the rules that are applied together. It is safe for concurrent use.
type Set struct {
	Rules    []*Rule // by ID, those that are off included
	Ignores  []*Ignore
	Warnings []Problem // what is as it should not be, and stops nothing

	lists          map[string][]string
	parameters     string // of the accounts, as the language takes them
	today          string
	rules, ignores index
}

// loader collects what the files of all sources have.
type loader struct {
	options  Options
	lists    map[string][]string
	set      *Set
	tracked  []string
	problems []Problem
	places   map[string]string // the file of each list and ID, behind what it is: "list vpn", "rule a"
	accounts accounts

	withBuiltIn bool            // there is a source of built-in rules
	builtIn     map[string]bool // the texts of their files
}

// Load reads rules. The set has what is right in them, and the problems are all that is not.
func Load(options Options, sources ...Source) (*Set, []Problem) {
	l := &loader{
		options:  options,
		set:      &Set{today: options.Today},
		lists:    map[string][]string{},
		places:   map[string]string{},
		accounts: accounts{},
		builtIn:  map[string]bool{},
	}
	for _, s := range sources {
		l.withBuiltIn = l.withBuiltIn || s.BuiltIn
		l.accountsOf(s)
		l.each(s, "lists", func(d *document, root *yaml.Node) { l.list(s, d, root) })
	}
	for _, name := range slices.Sorted(maps.Keys(options.Lists)) {
		l.lists[name] = options.Lists[name]
		for _, value := range options.Lists[name] {
			if reason := wrongNetwork(value); reason != "" {
				l.problems = append(l.problems, Problem{File: "list " + name, Reason: reason})
			}
		}
	}
	parameters, err := l.accounts.parameters()
	if err != nil {
		l.problems = append(l.problems, Problem{File: accountsFile, Reason: err.Error()})
	}
	l.set.lists, l.set.parameters = l.lists, parameters
	language := expression.New(l.lists, options.Stack, parameters)
	for _, s := range sources {
		read := func(d *document, root *yaml.Node) { l.rule(language, s, d, root) }
		l.each(s, "detections", read)
		l.each(s, ".", read)
		l.each(s, "ignore", func(d *document, root *yaml.Node) { l.ignore(language, d, root) })
		l.events(s)
	}
	l.track(language)
	slices.SortFunc(l.set.Rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	l.switches()
	return l.set.indexed(), l.problems
}

// each reads the YAML files of a folder. A folder that is not there has none.
func (l *loader) each(s Source, folder string, read func(*document, *yaml.Node)) {
	entries, err := fs.ReadDir(s.Files, folder)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) || folder == "." {
			l.problems = append(l.problems, Problem{path.Join(s.Name, folder), 1, 1, err.Error()})
		}
		return
	}
	for _, e := range entries {
		file := path.Join(folder, e.Name())
		if ext := path.Ext(file); e.IsDir() || ext != ".yaml" && ext != ".yml" || slices.Contains(ownNames, file) {
			continue
		}
		l.file(s, file, read)
	}
}

// ownNames are the files of a folder that are no rules. They may be empty.
var ownNames = []string{eventsFile, accountsFile}

func (l *loader) file(s Source, file string, read func(*document, *yaml.Node)) {
	d := &document{file: path.Join(s.Name, file)}
	text, err := fs.ReadFile(s.Files, file)
	if err != nil {
		l.problems = append(l.problems, Problem{d.file, 1, 1, err.Error()})
		return
	}
	d.text, d.mayBeEmpty = string(text), slices.Contains(ownNames, file)
	if root := d.root(); root != nil {
		read(d, root)
	}
	l.problems = append(l.problems, d.problems...)
}

// list reads a list: its values, or an object with them and a description. Its name is the file's.
//
// A list of one's own stands for a built-in one of its name.
func (l *loader) list(s Source, d *document, root *yaml.Node) {
	nodes := root
	if root.Kind == yaml.MappingNode {
		m := d.mapping(root, "a list", "description", "values")
		m.required("values")
		if nodes = m.values["values"]; nodes == nil {
			return
		}
	}
	name := base(d.file)
	if first, there := l.places["list "+name]; there && !s.BuiltIn {
		d.report(root, "the list %q is also in %s; rename one", name, first)
		return
	}
	if !s.BuiltIn {
		l.places["list "+name] = d.file
	} else if l.places["list "+name] != "" {
		return
	}
	scalars := d.scalars(nodes, "the list")
	for _, node := range scalars {
		if reason := wrongNetwork(node.Value); reason != "" {
			d.report(node, "%s", reason)
		}
	}
	l.lists[name] = values(scalars)
}

var likeNetwork = regexp.MustCompile(`^[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*/[0-9]+$`)

// wrongNetwork says why a value of a list that is written as a network is none.
func wrongNetwork(value string) string {
	if _, err := netip.ParsePrefix(value); err == nil || !likeNetwork.MatchString(value) {
		return ""
	}
	return fmt.Sprintf("%q is no network; write one such as 10.0.0.0/8 or 2001:db8::/32", short(value))
}

func base(file string) string { return strings.TrimSuffix(path.Base(file), path.Ext(file)) }

func (l *loader) rule(language *expression.Language, s Source, d *document, root *yaml.Node) {
	if s.BuiltIn {
		l.builtIn[d.text] = true
	} else if l.builtIn[d.text] {
		return
	}
	r := &reader{doc: d, language: language}
	rule := r.rule(root)
	rule.BuiltIn = s.BuiltIn
	readFiles(d, s, rule)
	start := Problem{d.file, 1, 1, "the rule has no tests; add records that match, and some that nearly do"}
	switch {
	case len(rule.tests) > 0:
	case s.BuiltIn:
		d.problems = append(d.problems, start)
	default:
		l.set.Warnings = append(l.set.Warnings, start)
	}
	l.add(rule, r, root)
}

// add takes a rule into the set if it can be applied. A built-in one that misses a list is off.
func (l *loader) add(rule *Rule, r *reader, root *yaml.Node) {
	missing := r.doc.name
	if rule.BuiltIn {
		missing = func(p Problem) {
			rule.Off, p.Reason = p.Reason, "the rule is off: "+p.Reason
			l.set.Warnings = append(l.set.Warnings, p)
		}
	}
	if !l.admitted(r, root, "rule", rule.ID, missing) {
		return
	}
	l.set.Warnings = append(l.set.Warnings, l.accounts.unknown(r)...)
	if l.options.All && rule.match != nil {
		rule.Off = ""
	}
	l.set.Rules = append(l.set.Rules, rule)
}

// admitted reports whether nothing is wrong with a file of which all has been read: the lists that it misses are named,
// and no other file of its kind may have its ID.
func (l *loader) admitted(r *reader, root *yaml.Node, kind, id string, missing func(Problem)) bool {
	named := map[string]bool{}
	for _, list := range r.missing {
		if named[list.name] {
			continue
		}
		named[list.name] = true
		list.at.Reason = "there is no list \"" + short(list.name) + "\"" + nearest.Mean(list.name, r.language.Lists()) +
			"; add lists/" + short(list.name) + ".yaml"
		missing(list.at)
	}
	if first := l.places[kind+" "+id]; first != "" && id != "" {
		r.doc.report(root, "the id %q is already that of %s; ids are unique", short(id), first)
	} else {
		l.places[kind+" "+id] = r.doc.file
	}
	return len(r.doc.problems) == 0
}
