package sigma

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/translate"
)

// correlation translates a document that counts what rules match. The rules themselves are silent, unless it says that
// they are generated, too.
func (i *importer) correlation(d document) {
	of := document{Place: d.Place, root: d.get("correlation")}
	r := rule{Rule: d.rule(), name: d.text("name"), id: d.text("id")}
	threshold, err := thresholdOf(of)
	if err != nil {
		i.set.Refuse(d.at(err), "%s: %v", d.title(), err)
		return
	}
	base, err := i.base(of)
	if err != nil {
		i.set.Refuse(d.at(err), "%s: %v", d.title(), err)
		return
	}
	generate := strings.EqualFold(of.text("generate")+d.text("generate"), "true")
	var conditions []translate.Condition
	for _, one := range base {
		conditions = append(conditions, one.Match)
		one.counted, one.generated = true, one.generated || generate
	}
	r.Match, r.Threshold = translate.Or(conditions...), threshold
	i.rules = append(i.rules, r)
}

// base are the rules whose matches are counted.
func (i *importer) base(of document) ([]*rule, error) {
	names := of.texts("rules")
	if len(names) == 0 {
		return nil, errors.New("the correlation names no rules")
	}
	var found []*rule
	for _, name := range names {
		at := slices.IndexFunc(i.rules, func(r rule) bool { return name != "" && (r.name == name || r.id == name) })
		switch {
		case at >= 0 && i.rules[at].Threshold != nil:
			return nil, fmt.Errorf("it counts the correlation %.60q, which cannot be translated", name)
		case at >= 0:
			found = append(found, &i.rules[at])
		case i.unusable[name]:
			return nil, fmt.Errorf("it counts the rule %.60q, which could not be translated", name)
		default:
			return nil, fmt.Errorf("it counts the rule %.60q, which is in none of the files", name)
		}
	}
	return found, nil
}

// thresholdOf is how often what is counted must happen; nil for once.
func thresholdOf(of document) (*translate.Threshold, error) {
	kind := of.text("type")
	if kind != "event_count" && kind != "value_count" {
		return nil, fmt.Errorf("a correlation of the type %.40q cannot be translated; event_count and value_count can", kind)
	}
	if of.get("aliases") != nil {
		return nil, failAt(of.get("aliases"), "aliases cannot be translated; name one field of all rules")
	}
	condition := document{root: of.get("condition")}
	count, err := countOf(condition)
	if err != nil {
		return nil, err
	}
	within, err := withinOf(of.text("timespan"))
	if err != nil {
		return nil, err
	}
	t := &translate.Threshold{Count: count, Within: within}
	for _, field := range of.texts("group-by") {
		t.By = append(t.By, translate.Dotted(field))
	}
	if fields := condition.texts("field"); kind == "value_count" {
		if len(fields) != 1 {
			return nil, errors.New("value_count counts the values of one field, which its condition names as field")
		}
		p := translate.Dotted(fields[0])
		t.Distinct = &p
	}
	if count == 1 {
		return nil, nil
	}
	return t, nil
}

func countOf(condition document) (int, error) {
	if condition.root == nil || condition.root.Kind != yaml.MappingNode {
		return 0, errors.New("the correlation has no condition, such as gte: 10")
	}
	count := 0
	for n := 0; n+1 < len(condition.root.Content); n += 2 {
		key, value := condition.root.Content[n], condition.root.Content[n+1]
		number, err := strconv.Atoi(value.Value)
		switch {
		case key.Value == "field":
			continue
		case key.Value != "gte" && key.Value != "gt":
			return 0, failAt(key, "the condition %.40q of a correlation cannot be translated; gte and gt can", key.Value)
		case err != nil || number < 0 || number > 10_000:
			return 0, failAt(value, "the condition %s is %.40q; it must be a number up to 10000", key.Value, value.Value)
		case key.Value == "gt":
			number++
		}
		count = max(count, number)
	}
	if count == 0 {
		return 0, errors.New("the correlation has no condition, such as gte: 10")
	}
	return count, nil
}

var span = regexp.MustCompile(`^([1-9][0-9]{0,5})([smhdwMy])$`)

// withinOf is a time of Sigma as the rules write it, with at most seven days.
func withinOf(text string) (string, error) {
	found := span.FindStringSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("the timespan is %.40q; it must be a time such as 10m", text)
	}
	n, err := strconv.Atoi(found[1])
	unit := map[string]int{
		"s": 1,
		"m": 60,
		"h": 3600,
		"d": 86400,
		"w": 7 * 86400,
	}[found[2]]
	if err != nil || unit == 0 || n*unit > 7*86400 {
		return "", fmt.Errorf("the timespan is %s; the rules count within at most 7d", text)
	}
	if found[2] == "w" {
		return "7d", nil
	}
	return text, nil
}
