package baseline

import (
	"fmt"
	"slices"
	"strings"

	"trailkeeper/events"
)

// The limits of advanced event selectors (PutEventSelectors, and the service's model: SelectorName, SelectorField,
// OperatorValue).
const (
	maxValues = 500
	maxName   = 1000
	maxValue  = 2048
)

// rule is what CloudTrail takes of a field: its operators, none meaning all, and its values, none meaning any.
type rule struct {
	operators, values []string
	single            bool // exactly one value
	required          bool
}

// fieldRules are the fields of a trail's advanced selectors by the category of events (CloudTrail API reference,
// AdvancedFieldSelector). Some more exist for event data stores only, such as eventName for management events.
func fieldRules(category string) map[string]rule {
	equals, either := []string{"equals"}, []string{"equals", "notEquals"}
	yesOrNo := []string{"true", "false"}
	all := map[string]rule{"eventCategory": {operators: equals, single: true, required: true}}
	switch category {
	case "Management":
		all["readOnly"] = rule{operators: equals, values: yesOrNo, single: true}
		all["eventSource"] = rule{
			operators: []string{"notEquals"},
			values:    []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"},
		}
	case "Data":
		all["resources.type"] = rule{operators: equals, single: true, required: true}
		all["readOnly"] = rule{operators: equals, values: yesOrNo, single: true}
		all["sessionCredentialFromConsole"] = rule{operators: either, values: yesOrNo, single: true}
		for _, field := range []string{"eventName", "eventSource", "eventType", "resources.ARN", "userIdentity.arn"} {
			all[field] = rule{}
		}
	case "NetworkActivity":
		all["eventSource"] = rule{operators: equals, single: true, required: true}
		all["errorCode"] = rule{operators: equals, values: []string{"VpceAccessDenied"}, single: true}
		all["eventName"], all["vpcEndpointId"] = rule{}, rule{}
	default:
		return nil
	}
	return all
}

// operator is one operator of a field selector with its values.
type operator struct {
	name   string
	values []string
}

// operators are those that the selector uses, one without values among them.
func (f FieldSelector) operators() []operator {
	return slices.DeleteFunc([]operator{
		{"equals", f.Equals},
		{"notEquals", f.NotEquals},
		{"startsWith", f.StartsWith},
		{"notStartsWith", f.NotStartsWith},
		{"endsWith", f.EndsWith},
		{"notEndsWith", f.NotEndsWith},
	}, func(o operator) bool { return o.values == nil })
}

func (f FieldSelector) count() (n int) {
	for _, o := range f.operators() {
		n += len(o.values)
	}
	return n
}

func (c *checker) advanced(selectors []AdvancedSelector) {
	const at = "trail.advancedEventSelectors"
	values := 0
	for i, s := range selectors {
		c.advancedOne(fmt.Sprintf("%s[%d]", at, i), s)
		for _, f := range s.Fields {
			values += f.count()
		}
	}
	c.want(values <= maxValues, at, count(values, "value"), "at most 500 values in all")
}

func (c *checker) advancedOne(at string, s AdvancedSelector) {
	c.want(between(s.Name, 0, maxName), at+".name", s.Name, "at most 1000 characters")
	at += ".fieldSelectors"
	of := map[string]FieldSelector{}
	for _, f := range s.Fields {
		of[f.Field] = f
	}
	category := of["eventCategory"].Equals
	if len(category) != 1 || fieldRules(category[0]) == nil {
		c.want(
			false,
			at,
			strings.Join(category, ", "),
			"eventCategory with equals and one of Management, Data and NetworkActivity: a trail takes no advanced selector "+
				"without it",
		)
		return // which fields are wanted goes by the category
	}
	rules := fieldRules(category[0])
	seen := map[string]bool{}
	for i, f := range s.Fields {
		here := fmt.Sprintf("%s[%d]", at, i)
		r, known := rules[f.Field]
		c.want(
			known,
			here+".field",
			f.Field,
			"a field that a trail's selectors of "+category[0]+" events have: "+strings.Join(sortedKeys(rules), ", "),
		)
		c.want(!seen[f.Field], here+".field", f.Field, "each field once in a selector, with all its operators and values")
		c.want(f.count() > 0, here, f.Field, "an operator with a value, such as equals")
		seen[f.Field] = true
		if known {
			c.field(here, f, r)
		}
	}
	for _, name := range sortedKeys(rules) {
		c.want(
			!rules[name].required || seen[name],
			at,
			"without "+name,
			name+" with equals and one value: "+category[0]+" events need it",
		)
	}
	if seen["resources.ARN"] && len(of["resources.type"].Equals) == 1 {
		resourceARNs(c, at, s.Fields, of["resources.type"].Equals[0])
	}
}

// field checks the operators and values of one field against its rule.
func (c *checker) field(at string, f FieldSelector, r rule) {
	for _, o := range f.operators() {
		here := at + "." + o.name
		c.want(r.operators == nil || slices.Contains(r.operators, o.name), here, strings.Join(o.values, ", "),
			"only "+strings.Join(r.operators, " or ")+" on "+f.Field)
		c.want(len(o.values) > 0, here, "", "a value, or no "+o.name+" at all")
		for i, v := range o.values {
			path := fmt.Sprintf("%s[%d]", here, i)
			c.want(between(v, 1, maxValue) && !strings.Contains(v, "\n"), path, v, "1 to 2048 characters on one line")
			c.want(r.values == nil || slices.Contains(r.values, v), path, v, strings.Join(r.values, " or "))
			c.want(
				f.Field != "resources.type" || isResourceType(v),
				path,
				v,
				"a type of resources in CloudTrail's spelling, such as AWS::S3::Object",
			)
		}
	}
	c.want(
		!r.single || f.count() <= 1,
		at,
		count(f.count(), "value"),
		"one value of "+f.Field+"; for another add a selector",
	)
}

// isResourceType goes by the form of a type, since CloudTrail adds types from month to month; those of the basic
// selectors have one spelling.
func isResourceType(s string) bool {
	for _, known := range []string{"AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"} {
		if strings.EqualFold(s, known) {
			return s == known
		}
	}
	p := strings.Split(s, "::")
	return len(p) == 3 && p[0] == "AWS" && isTypeName(p[1]) && isTypeName(p[2])
}

func isTypeName(s string) bool {
	return events.ConsistsOf(s, letters+capital+digits) && events.ConsistsOf(s[:1], capital)
}

// resourceARNs checks that equals and notEquals name whole resources of the selector's type ("if you use Equals or
// NotEquals, the value must exactly match the ARN of a valid resource of the type"), and that no value is of another
// partition, whose ARNs no event here has.
func resourceARNs(c *checker, at string, fields []FieldSelector, resourceType string) {
	home := c.of.place().Partition
	for i, f := range fields {
		if f.Field != "resources.ARN" {
			continue
		}
		for _, o := range f.operators() {
			for j, v := range o.values {
				path := fmt.Sprintf("%s[%d].%s[%d]", at, i, o.name, j)
				switch o.name {
				case "equals", "notEquals":
					c.want(
						c.of.isResource(v, resourceType),
						path,
						v,
						"the whole ARN of a resource of type "+resourceType+" in partition "+home,
					)
				case "startsWith", "notStartsWith":
					partition, _, whole := events.ARNPrefix(v)
					c.want(!whole || partition == home, path, v, "partition "+home+", as the trail's")
				}
			}
		}
	}
}

func (o owner) isResource(v, resourceType string) bool {
	switch resourceType {
	case "AWS::S3::Object":
		return o.isObjects(v)
	case "AWS::Lambda::Function":
		return o.is(v, events.FormFunction)
	case "AWS::DynamoDB::Table":
		return o.is(v, events.FormTable)
	}
	a, err := events.ParseARN(v)
	return err == nil && a.Partition == o.place().Partition
}
