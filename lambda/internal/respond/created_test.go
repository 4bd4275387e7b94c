package respond

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/state/known"
)

// TestCreatedOverADeletedName: a trail of the name that a declared baseline has is compared with it at once, and any
// other is only reported. What the guard itself creates, the run that does so sees to.
func TestCreatedOverADeletedName(t *testing.T) {
	second := strings.Replace(management.ARN(), management.Name, "second", 1)
	for name, test := range map[string]struct {
		mode     config.Mode
		declared error
		own      bool
		did      bool
		outcome  finding.Outcome
	}{
		"declared":      {config.ModeRestore, nil, false, true, finding.OutcomeRestored},
		"mode recreate": {config.ModeRecreate, nil, false, true, finding.OutcomeRestored},
		"mode restart":  {config.ModeRestart, nil, false, false, finding.OutcomeNotified},
		"not declared":  {config.ModeRestore, fs.ErrNotExist, false, false, finding.OutcomeNotified},
		"by the guard":  {config.ModeRestore, nil, true, false, finding.OutcomeNotified},
	} {
		w, m, orders := recalling(putBackOnce, test.declared)
		w.Config.Mode = test.mode
		recorded := fit()
		recorded.ARN = second
		m.Known[second] = known.Trail{Recorded: &known.Recorded{State: recorded, At: now}}
		event := payload(t, "create-trail")
		if test.own {
			event = bytes.ReplaceAll(event, []byte(deployer), []byte(w.Config.RoleARN))
		}
		if _, err := w.Invoke(t.Context(), event); err != nil {
			t.Fatal(err)
		}
		n := w.Slack[0]
		if (len(*orders) == 1) != test.did || n.Outcome != test.outcome || len(w.Slack) != 1 {
			t.Errorf("%s: %d restores; reported %s", name, len(*orders), n.Outcome)
		}
		if !test.did &&
			(message.Detail(n) != "A trail was created." || n.Severity != finding.SeverityMedium ||
				slices.Contains(m.Noted, "disturb")) {
			t.Errorf("%s: reported %s %q, noted %v", name, n.Severity, message.Detail(n), m.Noted)
		}
	}
	w, _, _ := recalling(remediate.Result{}, fs.ErrPermission)
	if _, err := w.Invoke(
		t.Context(), payload(t, "create-trail"),
	); err != nil ||
		!strings.Contains(message.Detail(w.Slack[0]), "cannot be used") {
		t.Errorf("%v: %q", err, message.Detail(w.Slack[0]))
	}
}
