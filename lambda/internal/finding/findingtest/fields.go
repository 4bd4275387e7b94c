package findingtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// Field is one field of a notification, of what it holds, or of one entry of its lists.
type Field struct {
	Path  string        // "Incident.First.Actor", "Changes[1].Reason"
	Value reflect.Value // settable, within the notification
}

// Fields are all fields of n that hold no others, and those that may be absent as a whole; but not what is for one run
// alone, and never written.
func Fields(n *finding.Finding) []Field {
	return fieldsOf("", reflect.ValueOf(n).Elem())
}

func fieldsOf(path string, v reflect.Value) (all []Field) {
	switch v.Interface().(type) {
	case time.Time, json.RawMessage:
		return []Field{{path, v}}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if all = []Field{{path, v}}; !v.IsNil() {
			all = append(all, fieldsOf(path, v.Elem())...)
		}
		return all
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Tag.Get("json") != "-" {
				all = append(all, fieldsOf(strings.TrimPrefix(path+"."+f.Name, "."), v.Field(i))...)
			}
		}
		return all
	case reflect.Slice:
		for i := range v.Len() {
			all = append(all, fieldsOf(fmt.Sprintf("%s[%d]", path, i), v.Index(i))...)
		}
		if v.Len() > 0 {
			return all
		}
	}
	return []Field{{path, v}}
}

// Change gives the field another value; what may be absent as a whole then is.
func (f Field) Change() {
	switch v := f.Value.Interface().(type) {
	case time.Time:
		f.Value.Set(reflect.ValueOf(v.Add(-49 * time.Hour)))
		return
	case json.RawMessage:
		f.Value.Set(reflect.ValueOf(json.RawMessage(`{"changed":true}`)))
		return
	case finding.Severity:
		f.Value.SetString(string(finding.SeverityMedium))
		return
	}
	switch f.Value.Kind() {
	case reflect.String:
		f.Value.SetString("x" + f.Value.String())
	case reflect.Bool:
		f.Value.SetBool(!f.Value.Bool())
	case reflect.Int, reflect.Int64:
		f.Value.SetInt(f.Value.Int() + int64(time.Hour))
	case reflect.Pointer:
		f.Value.SetZero()
	default:
		panic("a kind of field that is new here: " + f.Path)
	}
}

// Shown lists every field of the samples made of Full, with those of the renderings that change with it. What a
// rendering does not show it cannot lose, and what it loses is seen.
func Shown(names []string, render func(finding.Finding) map[string]string) string {
	seen := map[string]map[string]bool{}
	for _, s := range fulls() {
		before := render(s.Notification)
		for i, f := range Fields(&s.Notification) {
			changed := clone(s.Notification)
			Fields(&changed)[i].Change()
			if seen[f.Path] == nil {
				seen[f.Path] = map[string]bool{}
			}
			for name, after := range render(changed) {
				seen[f.Path][name] = seen[f.Path][name] || after != before[name]
			}
		}
	}
	var b strings.Builder
	for _, f := range Fields(new(Full())) {
		in := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !seen[f.Path][name] })
		fmt.Fprintf(&b, "%-27s %s\n", f.Path, cmp.Or(strings.Join(in, ", "), "-"))
	}
	return b.String()
}

// clone shares nothing with n.
func clone(n finding.Finding) finding.Finding {
	b, err := json.Marshal(n)
	if err != nil {
		panic(err) // the samples of Full always encode
	}
	var copied finding.Finding
	if err := json.Unmarshal(b, &copied); err != nil {
		panic(err)
	}
	return copied
}
