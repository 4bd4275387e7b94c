package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// sortedKeys are the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Recorded says which categories of events selectors take at all.
type Recorded struct{ ManagementWrites, ManagementReads, Data bool }

// Records reads that from a trail's selectors; without any it takes all management events (CloudTrail API reference,
// PutEventSelectors).
func Records(s State) Recorded {
	if len(s.Selectors) == 0 && len(s.Advanced) == 0 {
		return Recorded{ManagementWrites: true, ManagementReads: true}
	}
	var r Recorded
	for _, b := range s.Selectors {
		r.add(Recorded{b.Management && b.ReadWrite != "ReadOnly", b.Management && b.ReadWrite != "WriteOnly", b.values() > 0})
	}
	for _, a := range s.Advanced {
		category, readOnly := "", ""
		for _, f := range a.Fields {
			switch f.Field {
			case "eventCategory":
				category = strings.Join(f.Equals, "")
			case "readOnly":
				readOnly = strings.Join(f.Equals, "")
			}
		}
		management := category == "Management"
		r.add(Recorded{management && readOnly != "true", management && readOnly != "false", category == "Data"})
	}
	return r
}

func (r *Recorded) add(o Recorded) {
	r.ManagementWrites = r.ManagementWrites || o.ManagementWrites
	r.ManagementReads = r.ManagementReads || o.ManagementReads
	r.Data = r.Data || o.Data
}

// insights checks what PutInsightSelectors sets: each type once, of events that the trail records.
func (c *checker) insights(t State) {
	c.code = "InvalidInsightSelectorsException"
	r := Records(t)
	seen := map[string]bool{}
	for i, s := range t.Insights {
		at := fmt.Sprintf("trail.insightSelectors[%d]", i)
		known := s.Type == "ApiCallRateInsight" || s.Type == "ApiErrorRateInsight"
		c.want(known, at+".insightType", s.Type, "ApiCallRateInsight or ApiErrorRateInsight")
		c.want(!seen[s.Type], at+".insightType", s.Type, "each type once, with all its categories")
		seen[s.Type] = true
		categories := s.Categories
		if len(categories) == 0 {
			categories = []string{"Management"}
		}
		for j, category := range categories {
			path := fmt.Sprintf("%s.eventCategories[%d]", at, j)
			c.want(!slices.Contains(categories[:j], category), path, category, "each category once")
			switch category {
			case "Management":
				recorded := r.ManagementWrites || r.ManagementReads && s.Type == "ApiErrorRateInsight"
				c.want(!known || recorded, at, s.Type, "selectors that record the management events that it is about")
			case "Data":
				c.want(!known || r.Data, at, s.Type, "selectors that record the data events that it is about")
			default:
				c.want(false, path, category, "Management or Data")
			}
		}
	}
}

// events checks what PutEventConfiguration sets, by the service's model and the documentation of its members.
func (c *checker) events(e EventConfiguration) {
	c.code = "InvalidParameterException"
	const at = "trail.eventConfiguration."
	c.want(
		slices.Contains([]string{"", "Standard", "Large"}, e.MaxEventSize),
		at+"maxEventSize",
		e.MaxEventSize,
		"Standard or Large",
	)
	c.want(
		len(e.ContextKeys) == 0 || e.MaxEventSize == "Large",
		at+"maxEventSize",
		e.MaxEventSize,
		"Large, where there are contextKeySelectors",
	)
	var types []string
	for i, k := range e.ContextKeys {
		path := fmt.Sprintf("%scontextKeySelectors[%d]", at, i)
		c.want(
			(k.Type == "TagContext" || k.Type == "RequestContext") && !slices.Contains(types, k.Type),
			path+".type",
			k.Type,
			"TagContext or RequestContext, each once",
		)
		types = append(types, k.Type)
		c.want(len(k.Equals) >= 1 && len(k.Equals) <= 50, path+".equals", count(len(k.Equals), "key"), "1 to 50 keys")
		for j, v := range k.Equals {
			c.want(between(v, 1, 128), fmt.Sprintf("%s.equals[%d]", path, j), v, "1 to 128 characters")
		}
	}
	c.want(
		len(e.Aggregations) <= 1,
		at+"aggregationConfigurations",
		count(len(e.Aggregations), "configuration"),
		"at most one",
	)
	for i, a := range e.Aggregations {
		path := fmt.Sprintf("%saggregationConfigurations[%d]", at, i)
		c.want(a.Category == "Data", path+".eventCategory", a.Category, "Data")
		c.want(len(a.Templates) >= 1, path+".templates", "", "at least one template")
		for j, v := range a.Templates {
			ok := slices.Contains([]string{"API_ACTIVITY", "RESOURCE_ACCESS", "USER_ACTIONS"}, v) &&
				!slices.Contains(a.Templates[:j], v)
			c.want(ok, fmt.Sprintf("%s.templates[%d]", path, j), v, "API_ACTIVITY, RESOURCE_ACCESS or USER_ACTIONS, each once")
		}
	}
}

const maxTags = 50

// tags checks what AddTags and CreateTrail take ("Quotas in AWS CloudTrail", and the service's model: TagKey,
// TagValue).
func (c *checker) tags(tags map[string]string) {
	c.code = "TagsLimitExceededException"
	c.want(len(tags) <= maxTags, "trail.tags", count(len(tags), "tag"), "at most 50 tags")
	c.code = "InvalidTagParameterException"
	for _, key := range sortedKeys(tags) {
		path := fmt.Sprintf("trail.tags[%.200q]", key)
		c.want(between(key, 1, 128), path, key, "a key of 1 to 128 characters")
		c.want(
			!strings.HasPrefix(strings.ToLower(key), "aws:"),
			path,
			key,
			`a key that does not begin with "aws:", which is AWS's own`,
		)
		c.want(between(tags[key], 0, 256), path, tags[key], "a value of at most 256 characters")
	}
}
