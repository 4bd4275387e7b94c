package metricfilter_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"trailkeeper/rules/filterpattern"
	"trailkeeper/rules/metricfilter"
)

// FuzzAgree: conditions made of what rules are made of, on records made of what they ask for.
func FuzzAgree(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		condition := conditionOf(r, 3)
		set, problems := loaded(condition)
		if len(problems) > 0 {
			t.Fatalf("%s: %v", condition, problems)
		}
		text, err := metricfilter.Write(set.Rules[0])
		if err != nil {
			return
		}
		pattern := parsed(t, text)
		for range 30 {
			record := recordOf(r)
			event, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			if unlike(record) != "" {
				continue
			}
			matching, failing := verdicts(t, set, event)
			if len(failing) == 0 && (len(matching) > 0) != pattern.Matches(filterpattern.Read(event)) {
				t.Fatalf("%s\n%s\ndiffer on %s: the rule says %v", condition, text, event, len(matching) > 0)
			}
		}
	})
}

// words are the texts of fields and of what they are compared with.
var words = []string{"a", "ab", "Ab", "b", "abc", "a.b", `a"b\`, "", "signin.amazonaws.com", "10.1.2.3", "10.1.3.4"}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func conditionOf(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(3) > 0 {
		format := pick(r, "(%s && %s)", "(%s || %s)", "!(%s || %s)", "(%s ? %s : false)")
		return fmt.Sprintf(format, conditionOf(r, depth-1), conditionOf(r, depth-1))
	}
	field := pick(r, "record.eventName", "record.x.y", "record.z", "record.eventSource", "record.errorCode")
	word := func() string { return fmt.Sprintf("%q", pick(r, words...)) }
	number := fmt.Sprint(r.IntN(4) - 1)
	comparison := pick(r, "==", "!=", "<", "<=", ">", ">=")
	return pick(r,
		field+" == "+word(), field+" != "+word(), word()+" == "+field,
		field+" in ["+word()+", "+word()+"]", "!("+field+" in ["+word()+"])",
		"lower("+field+") == "+word(), "lower("+field+") != "+word(), "!(lower("+field+") in ["+word()+", \"ab\"])",
		field+".startsWith("+word()+")", "!"+field+".endsWith("+word()+")", field+".contains("+word()+")",
		field+".glob(\"a*c\")", "!"+field+".glob(\"a?\")", field+".matches(\"^a.?$|b\")",
		field+".cidr(\"10.1.2.0/23\")", "!"+field+".cidr(\"10.1.0.0/16\")",
		"record.n "+comparison+" "+number, "!(record.n "+comparison+" "+number+")", number+" "+comparison+" record.n",
		"!record.flag", "record.flag == false", "record.flag != true",
		"record.x.y == null", "!has(record.x)", "has(record.errorCode)", "refused(record)", "!refused(record)",
		"isReadOnly(record)", "!isReadOnly(record)",
		"record.list.exists(i, i.k == "+word()+" || i.k.startsWith("+word()+"))",
	)
}

// recordOf is a record with what conditionOf asks for; each field may be missing or null.
func recordOf(r *rand.Rand) map[string]any {
	word := func() any { return pick(r, words...) }
	record := map[string]any{}
	put := func(name string, values ...any) {
		if n := r.IntN(len(values) + 2); n < len(values) {
			record[name] = values[n]
		} else if n == len(values) {
			record[name] = nil
		}
	}
	record["eventName"] = pick(r, word(), "GetX", "ListX", "PutX") // AWS writes one always
	put("eventSource", word(), "signin.amazonaws.com")
	put("errorCode", word())
	put("errorMessage", "failed")
	put("eventType", "AwsApiCall", "AwsConsoleSignIn")
	put("readOnly", true, false)
	put("x", map[string]any{"y": word()}, map[string]any{"y": nil}, map[string]any{})
	put("z", word(), word())
	put("n", -1, 0, 1, 1.5, 2)
	put("flag", true, false)
	put("responseElements", map[string]any{"ConsoleLogin": pick(r, "Success", "Failure")})
	put("list", []any{map[string]any{"k": word()}, map[string]any{"k": word()}}, []any{}, []any{map[string]any{"k": nil}})
	return record
}
