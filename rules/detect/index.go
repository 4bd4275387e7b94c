package detect

import (
	"slices"

	"trailkeeper/events"
	"trailkeeper/rules/expression"
)

// index finds the conditions that can be true of a record by their keys.
type index struct {
	conditions []*expression.Program // by their numbers; nil: of a rule that is off
	always     []int                 // those without keys
	every      []int                 // all that are on
	byValue    [expression.Fields]map[string][]int
	failed     []int // that want a call with an errorCode
	shapes     [expression.Fields]shapes
}

// maxKey bounds a value that is looked up without being decoded.
const maxKey = 128

// shapes tells fast most of what is no value of a field: it has, for each length, a bit for each first letter.
type shapes [maxKey + 1]uint32

func (s *shapes) add(value string) {
	if n := len(value); n > 0 && n <= maxKey {
		s[n] |= 1 << (value[0] & 31) // the same for a capital letter
	}
}

func (s *shapes) has(text []byte) bool { return len(text) == 0 || s[len(text)]&(1<<(text[0]&31)) != 0 }

func (x *index) add(i int, condition *expression.Program) {
	for len(x.conditions) <= i {
		x.conditions = append(x.conditions, nil)
	}
	x.conditions[i] = condition
	x.every = append(x.every, i)
	if len(condition.Keys) == 0 {
		x.always = append(x.always, i)
	}
	for _, k := range condition.Keys {
		if k.Field == expression.ErrorCode {
			x.failed = append(x.failed, i)
			continue
		}
		if x.byValue[k.Field] == nil {
			x.byValue[k.Field] = map[string][]int{}
		}
		x.shapes[k.Field].add(k.Value)
		if of := x.byValue[k.Field]; !slices.Contains(of[k.Value], i) {
			of[k.Value] = append(of[k.Value], i)
		}
	}
}

// candidates calls try with each condition that can be true, some of them twice, until it returns false.
func (x *index) candidates(record expression.Record, try func(int) bool) {
	code, known := record.Key(expression.ErrorCode)
	if !known {
		all(x.every, try)
		return
	}
	if !all(x.always, try) || code != "" && !all(x.failed, try) {
		return
	}
	for field, of := range x.byValue {
		if of == nil {
			continue
		}
		if value, _ := record.Key(expression.Field(field)); !all(of[value], try) {
			return
		}
	}
}

// Concerns reports whether a rule or an ignore rule may have to do with a record. For one that concerns none, Decide
// has nothing to say, not even an error.
func (s *Set) Concerns(h events.Head) bool { return s.ignores.concerns(h) || s.rules.concerns(h) }

func (x *index) concerns(h events.Head) bool {
	if x.canBeTrue(x.always, h) || h.Failed && x.canBeTrue(x.failed, h) {
		return true
	}
	for field, text := range [...][]byte{
		expression.EventName:    h.EventName,
		expression.EventSource:  h.EventSource,
		expression.IdentityType: h.IdentityType,
	} {
		if len(text) > maxKey {
			return true
		}
		if x.byValue[field] != nil && x.shapes[field].has(text) && x.canBeTrue(x.of(field, text), h) {
			return true
		}
	}
	return false
}

// of are the conditions that ask for a value of a field.
func (x *index) of(field int, text []byte) []int {
	var lower [maxKey]byte
	for i, c := range text {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return x.byValue[field][string(lower[:len(text)])]
}

// canBeTrue reports whether any of the conditions can be true of a record with that head.
func (x *index) canBeTrue(conditions []int, h events.Head) bool {
	if len(conditions) == 0 {
		return false
	}
	head := expression.Head{
		expression.EventName:    string(h.EventName),
		expression.EventSource:  string(h.EventSource),
		expression.IdentityType: string(h.IdentityType),
		expression.ErrorCode:    string(h.ErrorCode),
	}
	return !all(conditions, func(i int) bool { return !x.conditions[i].CanMatch(&head) })
}

func all(conditions []int, try func(int) bool) bool {
	for _, i := range conditions {
		if !try(i) {
			return false
		}
	}
	return true
}
