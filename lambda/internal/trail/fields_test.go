package trail

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config/baseline"
)

// TestEveryField walks the table: each field is compared in both directions, worded, restored or left with a reason,
// adopted and captured. What reads each is tested with the whole of an answer, in TestReadWhole, and what asks for it
// in package asked.
func TestEveryField(t *testing.T) {
	labels := map[string]bool{}
	for i := range rows {
		r := &rows[i]
		t.Run(string(r.field), func(t *testing.T) {
			base, now := full(), changed(t, r.field)
			there, back := Diff(base, now, r.field), Diff(now, base, r.field)
			if len(there) == 0 || !there[0].Effect.Worse() || len(back) == 0 || len(Diff(base, base, r.field)) > 0 {
				t.Fatalf("compared: %+v, and back %+v", there, back)
			}
			for _, c := range append(there, back...) {
				if c.Field != r.field || !strings.HasSuffix(c.Sentence, ".") || c.Before == c.After {
					t.Errorf("worded: %+v", c)
				}
			}
			if r.words(&base) == r.words(&now) || r.words(&base) == "" || r.label == "" || len(r.label) > 13 || labels[r.label] {
				t.Errorf("words: %s is %q and %q", r.label, r.words(&base), r.words(&now))
			}
			labels[r.label] = true
			isPutBack(t, r, base, now)
			isCaptured(t, r.field, base, now)
			if r.field.Call() == "" || !slices.Contains(FieldsOf(r.field.Call()), r.field) || r.field.Part() == "" ||
				shows[r.part][0] == "" ||
				shows[r.part][1] == "" {
				t.Errorf("call %q, part %q", r.field.Call(), r.field.Part())
			}
		})
	}
	if len(labels) != len(Fields()) || len(settingRows) != reflect.TypeFor[Settings]().NumField() {
		t.Error("a setting is not in the table")
	}
}

func isPutBack(t *testing.T, r *row, base, now State) {
	t.Helper()
	repair := Plan(base, now, Diff(base, now, r.field), Declared)
	if r.restore == "" {
		if len(repair.Left) == 0 || len(repair.Fields) > 0 {
			t.Errorf("it is never put back, and not left with a reason: %+v", repair)
		}
		return
	}
	if !slices.Contains(repair.Fields, r.field) || len(repair.Left) > 0 ||
		len(Diff(base, apply(repair, now), r.field)) > 0 {
		t.Errorf("put back: %+v", repair)
	}
	if len(Diff(Adopt(base, now, r.field), now, r.field)) > 0 {
		t.Error("adopted, it differs")
	}
	for _, f := range repair.Fields {
		if f.Restore() != r.restore {
			t.Errorf("%s is restored with it, by %s", f, f.Restore())
		}
	}
}

func isCaptured(t *testing.T, f Field, base, now State) {
	t.Helper()
	file := func(s State) (content []byte, read State) {
		content, err := baseline.Format(
			baseline.Baseline{Version: baseline.Version, CapturedAt: time.Unix(1, 0).UTC(), Trail: s},
		)
		if err != nil {
			t.Fatal(err)
		}
		var b baseline.Baseline
		if err := json.Unmarshal(content, &b); err != nil {
			t.Fatal(err)
		}
		return content, b.Trail
	}
	before, read := file(base)
	after, _ := file(now)
	if string(before) == string(after) || !strings.Contains(string(before), `"`+string(f)+`":`) {
		t.Error("the file does not show it")
	}
	if len(Diff(base, read, f)) > 0 {
		t.Error("read from the file, it differs")
	}
}

// changed is the full trail with the first change of a field.
func changed(t *testing.T, f Field) State {
	t.Helper()
	for _, m := range mutations {
		if m.field == f {
			return with(m.change)
		}
	}
	t.Fatalf("no change of %s is tested", f)
	return State{}
}

// TestEverySetting: each is asked for with UpdateTrail and CreateTrail, and read from what DescribeTrails shows, by
// itself.
func TestEverySetting(t *testing.T) {
	all := full()
	for _, r := range settingRows {
		var got, want Settings
		r.setting.copy(&want, &all.Settings)
		a := newAPI()
		a.update, a.create = UpdateRequest(all, []Field{r.field}), CreateRequest("main", all, nil)
		sent := given(*a.update)
		switch s := r.setting.(type) {
		case text:
			show(s.api(a))
		case flag:
			show(s.api(a))
		}
		if r.setting.read(&got, a); got != want || got == (Settings{}) {
			t.Errorf("%s: read %+v, want %+v", r.field, got, want)
		}
		if sent != 2 { // with the name
			t.Errorf("%s: UpdateTrail sends %d members", r.field, sent)
		}
		if left := given(*CreateRequest("main", all, []Field{r.field})); left != given(*CreateRequest("main", all, nil))-1 {
			t.Errorf("%s is sent although it is left out", r.field)
		}
	}
}

// show has DescribeTrails show what both requests set.
func show[T comparable](m members[T]) {
	if **m.update == **m.create {
		*m.shown = *m.update
	}
}

// given counts the members of a request that are set.
func given(request any) (n int) {
	for _, v := range reflect.ValueOf(request).Fields() {
		if v.Kind() == reflect.Pointer && !v.IsNil() {
			n++
		}
	}
	return n
}
