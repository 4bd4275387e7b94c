package dynamodb

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// values are the placeholders of a request; each must be used.
type values struct {
	given map[string]any
	used  map[string]bool
}

// term is one condition on an item.
type term func(Item) bool

// Of DynamoDB's expression language ("Using expressions in DynamoDB"), the local run knows "name = :text",
// attribute_exists, attribute_not_exists and attribute_type, each of an attribute of the item itself and written just
// so; and these with NOT, AND and OR, without parentheses. Everything else is refused.
var (
	comparison = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]*) = (:[A-Za-z0-9_]+)$`)
	})
	function = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(attribute_exists|attribute_not_exists|attribute_type)` +
			`\(([A-Za-z][A-Za-z0-9_]*)(?:, (:[A-Za-z0-9_]+))?\)$`)
	})
)

// condition reads a condition expression.
func (v *values) condition(text string) (term, *kernel.Error) {
	var either []term
	for whole := range strings.SplitSeq(text, " OR ") {
		var all []term
		for part := range strings.SplitSeq(whole, " AND ") {
			plain, negated := strings.CutPrefix(part, "NOT ")
			is, failed := v.term(plain)
			if failed != nil {
				return nil, failed
			}
			all = append(all, func(i Item) bool { return is(i) != negated })
		}
		either = append(either, func(i Item) bool {
			return !slices.ContainsFunc(all, func(t term) bool { return !t(i) })
		})
	}
	return func(i Item) bool {
		return slices.ContainsFunc(either, func(t term) bool { return t(i) })
	}, v.unused()
}

func (v *values) term(text string) (term, *kernel.Error) {
	if m := comparison().FindStringSubmatch(text); m != nil {
		want, failed := v.text("ConditionExpression", m[1], m[2])
		return func(i Item) bool {
			kind, content := kindOf(i[m[1]])
			return kind == "S" && content == want
		}, failed
	}
	m := function().FindStringSubmatch(text)
	switch {
	case m == nil, (m[1] == "attribute_type") != (m[3] != ""):
		return nil, invalid("Invalid ConditionExpression: %q is not part of the local run", text)
	case m[1] == "attribute_type":
		want, failed := v.text("ConditionExpression", m[2], m[3])
		if failed == nil && !slices.Contains([]string{"S", "SS", "N", "NS", "B", "BS", "BOOL", "NULL", "L", "M"}, want) {
			failed = invalid("Invalid ConditionExpression: Invalid attribute type name found; type: %s, valid types: "+
				"{B,NULL,SS,BOOL,L,BS,N,NS,S,M}", want)
		}
		return func(i Item) bool {
			kind, _ := kindOf(i[m[2]])
			return kind == want
		}, failed
	}
	return func(i Item) bool {
		_, ok := i[m[2]]
		return ok == (m[1] == "attribute_exists")
	}, reserved("ConditionExpression", m[2])
}

// text returns what a placeholder stands for, which an attribute is compared with.
func (v *values) text(member, name, placeholder string) (string, *kernel.Error) {
	if failed := reserved(member, name); failed != nil {
		return "", failed
	}
	given, ok := v.given[placeholder]
	if !ok {
		return "", invalid("Invalid %s: An expression attribute value used in expression is not defined; attribute value: %s",
			member, placeholder)
	}
	v.used[placeholder] = true
	kind, content := kindOf(given)
	if kind != "S" {
		return "", invalid("Invalid %s: a comparison with the type %s is not part of the local run", member, kind)
	}
	return content, nil
}

// unused refuses placeholders that no expression used.
func (v *values) unused() *kernel.Error {
	for placeholder := range v.given {
		if !v.used[placeholder] {
			return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", placeholder)
		}
	}
	return nil
}

// reserved refuses the name of an attribute that must have a placeholder.
func reserved(member, name string) *kernel.Error {
	if !slices.Contains(reservedWords(), strings.ToUpper(name)) {
		return nil
	}
	return invalid("Invalid %s: Attribute name is a reserved keyword; reserved keyword: %s", member, name)
}

// reservedWords are those of "Reserved words in DynamoDB" that a state table is likely to use as names, and the
// language's own.
var reservedWords = sync.OnceValue(func() []string {
	return strings.Fields(
		`ACTION ADD ALL AND ANY AS ASC AT ATTRIBUTE BEGIN BETWEEN BUCKET BY CHECK CONDITION CONNECTION COUNT COUNTER
		CREATE CURRENT DATA DATE DAY DEFAULT DELETE DESC DESCRIBE DISTINCT DURATION END ERROR EVENT EVERY EXISTS EXPLAIN
		FALSE FIELD FIRST FOUND FROM FUNCTION GENERAL GLOBAL GROUP HASH HOUR IDENTITY IN INDEX INTERVAL IS ITEM ITEMS
		KEY KEYS LANGUAGE LAST LEVEL LIMIT LIST LOCAL LOCATION LOCK LOG LOGGED LOGIN LOGS LONG MAP MATCH MAX MESSAGE
		METHOD METRICS MIN MINUTE MODE MODIFY MONTH NAME NAMES NEW NEXT NO NONE NOT NULL NUMBER OBJECT OF OFF OFFSET OLD
		ON OPEN OPTION OR ORDER OUTPUT OWNER PARTITION PATH PERCENT PERMISSION PLAN POLICY POSITION PRIMARY PRIOR
		PRIVATE PUBLIC RANGE RATE READ REASON RECORD REF REGION REMOVE REPLACE REQUEST RESET RESOURCE RESPONSE RESTORE
		RESULT RETURN ROLE ROLES ROW RULE SCAN SCHEMA SECOND SECTION SELECT SEQUENCE SESSION SET SETS SHOW SIZE SOURCE
		SPACE START STATE STATEMENT STATIC STATISTICS STATUS STREAM STRING SUCCESS SUM SYSTEM TABLE TEXT THEN TIME
		TIMEOUT TIMESTAMP TIMEZONE TO TOKEN TOTAL TRIGGER TRUE TTL TYPE UNDER UNION UNIQUE UNIT UNKNOWN UNTIL UPDATE URL
		USAGE USE USER USERS USING UUID VALUE VALUED VALUES VARIABLE VERSION VIEW WAIT WHEN WHERE WINDOW WITH WORK WRITE
		YEAR ZONE`,
	)
})
