package guard

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/producertest"
)

// TestFromAsset: what the asset holds counts, and a file that cannot be read does not keep the guard from starting.
func TestFromAsset(t *testing.T) {
	list := exception.List{Overrides: []exception.Override{{Trail: management.ARN(), Mode: exception.ModeExclude}}}
	content, err := exception.Format(list)
	if err != nil {
		t.Fatal(err)
	}
	w := producertest.New(nil, nil, nil)
	o := Options{Log: w.Log}.FromAsset(fstest.MapFS{exception.FileName: {Data: content}})
	if len(o.Exceptions.Overrides) != 1 || !o.Lists.Empty() {
		t.Errorf("%+v %+v", o.Exceptions, o.Lists)
	}
	if all, err := o.Baselines(); err != nil || len(all) != 0 {
		t.Errorf("%v %v", all, err)
	}
	o = Options{Log: w.Log}.FromAsset(fstest.MapFS{exception.FileName: {Data: []byte("{")}})
	if !o.Exceptions.Empty() || !strings.Contains(w.Logged.String(), `"file":"exceptions.json"`) {
		t.Errorf("%+v %s", o.Exceptions, w.Logged.String())
	}
	o = Options{
		Log: w.Log,
	}.FromAsset(
		fstest.MapFS{config.ListsFile: {Data: []byte(`{"accounts": ["444455556666"], "sweepRegions": ["us-east-1"]}`)}},
	)
	if diff := cmp.Diff(
		config.Lists{Accounts: []string{"444455556666"}, SweepRegions: []string{"us-east-1"}}, o.Lists,
	); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
	o = Options{Log: w.Log}.FromAsset(fstest.MapFS{config.ListsFile: {Data: []byte(`{"accounts": ["4444"]}`)}})
	if !o.Lists.Empty() || !strings.Contains(w.Logged.String(), `"file":"lists.json"`) {
		t.Errorf("%+v %s", o.Lists, w.Logged.String())
	}
}
