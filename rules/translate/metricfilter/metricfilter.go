// Package metricfilter translates filter patterns of CloudWatch Logs for JSON log events, as they stand in text, in
// CloudFormation and in Terraform.
//
// It knows the documented syntax and what such a pattern means on records of CloudTrail. What a filter counts, and what
// an alarm makes of it, it does not know.
package metricfilter

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/terraform"
)

// importer collects what the sources say.
type importer struct {
	set   *translate.Set
	count int // patterns so far
}

// Translate translates sources.
func Translate(sources []translate.Source) *translate.Set {
	i := &importer{set: &translate.Set{}}
	var configuration []translate.Source
	for _, s := range sources {
		name := strings.ToLower(s.Name)
		switch before := i.count; {
		case strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".hcl") || isTerraform.MatchString(s.Text):
			configuration = append(configuration, s)
		case i.template(s) || i.count > before:
		default:
			i.text(s)
		}
	}
	if len(configuration) > 0 {
		i.terraform(terraform.Read(configuration))
	}
	if i.count == 0 && len(i.set.Refused) == 0 && len(sources) > 0 {
		i.set.Refuse(translate.Place{File: sources[0].Name, Line: 1}, "there is no filter pattern in it")
	}
	return i.set
}

var isTerraform = regexp.MustCompile(`(?m)^\s*resource\s+"aws_cloudwatch_log_metric_filter"`)

// one translates one pattern. The name may be empty.
func (i *importer) one(name, pattern string, at translate.Place) {
	i.count++
	c, err := Parse(pattern)
	if err != nil {
		i.set.Refuse(at, "%v: %s", err, translate.Excerpt(pattern))
		return
	}
	r := translate.Rule{
		Place:       at,
		ID:          translate.Slug(name),
		Title:       "{{ record.eventName }} by {{ record.userIdentity.arn }}",
		Description: "Imported metric filter: " + strings.Join(strings.Fields(pattern), " "),
		Match:       c,
	}
	if r.ID == "" {
		r.ID = fmt.Sprintf("metric-filter-%d", i.count)
	} else {
		r.Title = translate.Plain(name) + ": " + r.Title
	}
	i.set.Rules = append(i.set.Rules, r)
}

// label is the name before a pattern in a list of them.
var label = regexp.MustCompile(`^[\s•*-]*([^{}"$]*?)[\s:=]*\{`)

// text takes a pattern a line; one that is open goes on in the next line.
func (i *importer) text(s translate.Source) {
	open, name, at := "", "", translate.Place{}
	for n, line := range strings.Split(s.Text, "\n") {
		trimmed := strings.TrimSpace(line)
		if open == "" {
			if trimmed == "" || strings.HasPrefix(trimmed, "#") {
				continue
			}
			at = translate.Place{File: s.Name, Line: n + 1}
			trimmed = unquoted(trimmed)
			if found := label.FindStringSubmatch(trimmed); found != nil {
				name = found[1]
				trimmed = trimmed[len(found[0])-1:]
			}
		}
		open = strings.TrimSpace(open + " " + trimmed)
		if strings.HasPrefix(open, "{") && strings.Contains(open, "}") {
			open = strings.TrimRight(open, ",; \t")
		}
		if !strings.HasPrefix(open, "{") || strings.HasSuffix(open, "}") || len(open) > 2*maxPattern {
			i.one(name, open, at)
			open, name = "", ""
		}
	}
	if open != "" {
		i.one(name, open, at)
	}
}

// unquoted is a line without the quotation marks that a pattern has in a shell or a program.
func unquoted(line string) string {
	line = strings.TrimRight(line, ",; ")
	if len(line) > 1 && strings.HasPrefix(line, "'{") && strings.HasSuffix(line, "'") {
		return line[1 : len(line)-1]
	}
	if len(line) > 1 && strings.HasPrefix(line, `"{`) && strings.HasSuffix(line, `"`) {
		return strings.ReplaceAll(line[1:len(line)-1], `\"`, `"`)
	}
	return line
}

// template takes the patterns of a template of CloudFormation, or of what the AWS CLI prints. It reports whether the
// source is one, or at least no text with patterns.
func (i *importer) template(s translate.Source) bool {
	name := strings.ToLower(s.Name)
	structured := slices.ContainsFunc([]string{".yml", ".yaml", ".json", ".template"}, func(ending string) bool {
		return strings.HasSuffix(name, ending)
	})
	if !structured && !strings.Contains(s.Text, "FilterPattern") && !strings.Contains(s.Text, "filterPattern") {
		return false
	}
	decoder := yaml.NewDecoder(strings.NewReader(s.Text))
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			i.set.Refuse(translate.Place{File: s.Name, Line: 1}, "neither YAML nor JSON: %s",
				strings.TrimPrefix(err.Error(), "yaml: "))
			return true
		}
		i.node(s.Name, "", &node)
	}
}

// node looks for patterns in a part of a template. The name is that of the resource around it.
func (i *importer) node(file, name string, node *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		for _, one := range node.Content {
			i.node(file, name, one)
		}
		return
	}
	for n := 0; n+1 < len(node.Content); n += 2 {
		key, value := node.Content[n], node.Content[n+1]
		switch key.Value {
		case "FilterPattern", "filterPattern":
			i.pattern(file, called(node, name), value)
		case "Properties":
			i.node(file, name, value)
		default:
			inner := key.Value
			if value.Kind != yaml.MappingNode {
				inner = name
			}
			i.node(file, inner, value)
		}
	}
}

// called is the name that a filter has, or that of its resource.
func called(node *yaml.Node, otherwise string) string {
	for n := 0; n+1 < len(node.Content); n += 2 {
		if strings.EqualFold(node.Content[n].Value, "FilterName") && node.Content[n+1].Tag == "!!str" {
			return node.Content[n+1].Value
		}
	}
	return otherwise
}

func (i *importer) pattern(file, name string, value *yaml.Node) {
	at := translate.Place{File: file, Line: value.Line}
	text := value.Value
	switch {
	case value.Kind != yaml.ScalarNode || value.Tag != "!!str" && value.Tag != "!Sub":
		i.count++
		i.set.Refuse(at, "the pattern of %q is put together by CloudFormation; write its text", name)
		return
	case value.Tag == "!Sub" && strings.Contains(text, "${"):
		i.count++
		i.set.Refuse(at, "the pattern of %q has values that only CloudFormation knows; write its text", name)
		return
	}
	i.one(name, text, at)
}

// terraform takes the patterns of resources and modules.
func (i *importer) terraform(c *terraform.Config) {
	i.set.Refused = append(i.set.Refused, c.Problems...)
	for _, b := range c.Blocks {
		isFilter := b.Type == "module" || b.Type == "resource" && len(b.Labels) > 0 &&
			b.Labels[0] == "aws_cloudwatch_log_metric_filter"
		if !isFilter || !b.Has("pattern") {
			continue
		}
		name := b.Labels[len(b.Labels)-1]
		if b.Has("name") {
			if v, err := b.Value("name"); err == nil && !v.IsList && v.String() != "" {
				name = v.String()
			}
		}
		v, err := b.Value("pattern")
		if err != nil || v.IsList {
			i.count++
			i.set.Refuse(b.At("pattern"), "the pattern of %q: %v", name, err)
			continue
		}
		i.one(name, v.String(), b.At("pattern"))
	}
}
