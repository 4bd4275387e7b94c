package dynamodb

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// expression is a text in DynamoDB's expression language, being read ("Using expressions in DynamoDB"). Of the
// language, this knows "name = :value", AND, OR, NOT, parentheses, attribute_exists, attribute_not_exists and
// attribute_type, each of an attribute of the item itself. Everything else is a ValidationException, as a fault in the
// syntax is.
type expression struct {
	member string // of the request
	tokens []string
	*placeholders
	failed *kernel.Error // the first
}

// placeholders are the values of a request; each must be used.
type placeholders struct {
	values map[string]any
	used   map[string]bool
}

var tokenPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(:?[A-Za-z0-9_]+|[=(),])`)
})

func (p *placeholders) read(member, text string) *expression {
	e := &expression{member: member, placeholders: p}
	if strings.TrimSpace(text) == "" {
		e.fail("The expression can not be empty;")
	}
	for rest := text; strings.TrimSpace(rest) != ""; {
		m := tokenPattern().FindStringSubmatch(rest)
		if m == nil {
			e.fail("Syntax error; token: \"%s\"", strings.TrimSpace(rest)[:1])
			return e
		}
		e.tokens, rest = append(e.tokens, m[1]), rest[len(m[0]):]
	}
	return e
}

func (e *expression) fail(format string, args ...any) {
	if e.failed == nil {
		e.failed = invalid("Invalid "+e.member+": "+format, args...)
	}
	e.tokens = nil
}

func (e *expression) peek() string {
	if len(e.tokens) == 0 {
		return ""
	}
	return e.tokens[0]
}

func (e *expression) next() {
	if len(e.tokens) > 0 {
		e.tokens = e.tokens[1:]
	}
}

// take takes a token off if it is there; keywords fold case.
func (e *expression) take(token string) bool {
	if !strings.EqualFold(e.peek(), token) {
		return false
	}
	e.next()
	return true
}

func (e *expression) want(token string) {
	if !e.take(token) {
		e.syntax()
	}
}

func (e *expression) syntax() {
	at := e.peek()
	if at == "" {
		at = "<EOF>"
	}
	e.fail("Syntax error; token: \"%s\"", at)
}

// end wants nothing more.
func (e *expression) end() *kernel.Error {
	if e.failed == nil && len(e.tokens) > 0 {
		e.syntax()
	}
	return e.failed
}

// name reads the name of an attribute.
func (e *expression) name() string {
	token := e.peek()
	if token == "" || !strings.ContainsAny(token[:1], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		e.syntax()
		return ""
	}
	e.next()
	if slices.Contains(reservedWords(), strings.ToUpper(token)) {
		e.fail("Attribute name is a reserved keyword; reserved keyword: %s", token)
	}
	return token
}

// value reads a ":placeholder".
func (e *expression) value() any {
	token := e.peek()
	if !strings.HasPrefix(token, ":") {
		e.syntax()
		return nil
	}
	e.next()
	v, ok := e.values[token]
	if !ok {
		e.fail("An expression attribute value used in expression is not defined; attribute value: %s", token)
	}
	e.used[token] = true
	return v
}

// unused refuses placeholders that no expression used.
func (p *placeholders) unused() *kernel.Error {
	for token := range p.values {
		if !p.used[token] {
			return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", token)
		}
	}
	return nil
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
