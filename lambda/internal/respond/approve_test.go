package respond

import (
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

const minimised = "kmsKeyId,snsTopicArn,cloudWatchLogsLogGroupArn,cloudWatchLogsRoleArn,isMultiRegionTrail," +
	"includeGlobalServiceEvents,enableLogFileValidation"

// approving makes a world in which everybody may do an event, on this trail and on another, and the history is what is
// returned.
func approving(t *testing.T, baselineErr error, event string) (*world, *table, *[]remediate.Request, *past) {
	t.Helper()
	w, m, orders := recalling(remediate.Result{}, baselineErr)
	if baselineErr == nil {
		w.baseline = func(string) (baseline.Baseline, error) { return baseline.Baseline{Trail: fit()}, nil }
	}
	for _, principal := range []string{mallory, deployer} {
		w.exceptions.Approvals = append(w.exceptions.Approvals, exception.Approval{
			Principal: principal,
			Events:    []string{"AddTags", event},
			Trail:     management.ARN(),
			Reason:    "move",
			Expires:   now.Add(time.Hour),
		})
	}
	p := &past{Events: map[string]events.Event{}}
	w.judge = &approval.Judge{History: p, Approvals: w.exceptions.Approvals, Clock: w.Clock}
	return w, m, orders, p
}

// TestApprovalNeedsTheHistory: what a record claims counts when CloudTrail confirms it, waits while it does not yet,
// and counts for nothing otherwise.
func TestApprovalNeedsTheHistory(t *testing.T) {
	day := -24 * time.Hour
	for name, test := range map[string]struct {
		fixture, event string
		history        func(*testing.T, *past)
		change         func(*world, *table)
		did            string // restart, a restore or nothing
		outcome        finding.Outcome
		severity       finding.Severity
		verifying      bool
		says, noted    string
	}{
		"a stop, waited for": {
			"stop-logging", "StopLogging", nil, nil, "", finding.OutcomeApproved, finding.SeverityMedium, true,
			"If it is not confirmed by 2026-03-02 09:30:30 UTC", "hold approve StopLogging logging disturb",
		},
		"a stop, confirmed": {
			"stop-logging", "StopLogging", func(t *testing.T, p *past) { p.Known(t, "stop-logging", nil) }, nil,
			"", finding.OutcomeApproved, finding.SeverityMedium, false, "confirms the call", "approve StopLogging logging " +
				"disturb",
		},
		"a stop by another, in truth": {
			"stop-logging", "StopLogging", func(t *testing.T, p *past) {
				p.Known(t, "stop-logging", func(r map[string]any) {
					r["userIdentity"] = map[string]any{
						"type":      "IAMUser",
						"arn":       mallory,
						"accountId": "111122223333",
						"userName":  "mallory",
					}
				})
			}, nil, "restart", finding.OutcomeRestored, finding.SeverityCritical, false, "A record claimed an approval that " +
				"CloudTrail does not know", "disturb",
		},
		"a stop that was refused, in truth": {
			"stop-logging", "StopLogging", func(t *testing.T, p *past) {
				p.Known(t, "stop-logging", func(r map[string]any) { r["errorCode"] = "AccessDenied" })
			}, nil, "restart", finding.OutcomeRestored, finding.SeverityCritical, false, "A record claimed an approval that " +
				"CloudTrail does not know", "disturb",
		},
		"a stop of another trail, in truth": {
			"stop-logging", "StopLogging", func(t *testing.T, p *past) {
				p.Known(
					t, "stop-logging", func(r map[string]any) { r["requestParameters"] = map[string]any{"name": "other-trail"} },
				)
			}, nil, "restart", finding.OutcomeRestored, finding.SeverityCritical, false, "A record claimed an approval that " +
				"CloudTrail does not know", "disturb",
		},
		"a start, in truth": {
			"stop-logging", "StopLogging", func(t *testing.T, p *past) {
				p.Known(t, "stop-logging", func(r map[string]any) { r["eventName"] = "AddTags" })
			}, nil, "restart", finding.OutcomeRestored, finding.SeverityCritical, false, "A record claimed an approval that " +
				"CloudTrail does not know", "disturb",
		},
		"a record of long ago, kept for now": {
			"stop-logging", "StopLogging", func(t *testing.T, p *past) {
				p.Known(t, "stop-logging", func(r map[string]any) {
					r["eventTime"] = now.Add(-time.Second - approval.MaxLate).Format(time.RFC3339)
				})
			}, nil, "restart", finding.OutcomeRestored, finding.SeverityHigh, false, "more than a day before this record of " +
				"it came", "disturb",
		},
		"a record of a day ago": {
			"stop-logging", "StopLogging", func(t *testing.T, p *past) {
				p.Known(
					t, "stop-logging", func(r map[string]any) { r["eventTime"] = now.Add(-approval.MaxLate).Format(time.RFC3339) },
				)
			}, nil, "", finding.OutcomeApproved, finding.SeverityMedium, false, "confirms the call", "approve StopLogging " +
				"logging disturb",
		},
		"no table to wait with": {
			"stop-logging", "StopLogging", nil, func(w *world, _ *table) { w.memory = nil },
			"restart", finding.OutcomeRestored, finding.SeverityHigh, false, "There is no state table to wait with", "",
		},
		"the table is gone": {
			"stop-logging", "StopLogging", nil, func(_ *world, m *table) { m.Err = errors.New("the state table is gone") },
			"restart", finding.OutcomeRestored, finding.SeverityHigh, false, "The approval does not count", "disturb",
		},
		"no sweep": {
			"stop-logging", "StopLogging", nil, func(w *world, _ *table) { w.noSweep = true },
			"restart", finding.OutcomeRestored, finding.SeverityHigh, false, "No sweep comes in time", "disturb",
		},
		"a sweep that is too seldom": {
			"stop-logging", "StopLogging", nil, func(w *world, _ *table) { w.Config.SweepMinutes = 16 },
			"restart", finding.OutcomeRestored, finding.SeverityHigh, false, "No sweep comes in time", "disturb",
		},
		"waited for before, in vain": {
			"stop-logging", "StopLogging", nil, func(_ *world, m *table) {
				m.Known[management.ARN()] = known.Trail{ARN: management.ARN(), Held: now.Add(-approval.Patience)}
			},
			"restart", finding.OutcomeRestored, finding.SeverityHigh, false, "A claim on this trail was not confirmed",
			"disturb",
		},
		"one claim too many": {
			"stop-logging", "StopLogging", nil, func(_ *world, m *table) {
				m.Known[management.ARN()] = known.Trail{ARN: management.ARN(), Approved: make([]known.Approved, maxClaims)}
			},
			"restart", finding.OutcomeRestored, finding.SeverityHigh, false, "Too many claims", "disturb",
		},
		"as many claims as are waited for": {
			"stop-logging", "StopLogging", nil, func(_ *world, m *table) {
				m.Known[management.ARN()] = known.Trail{ARN: management.ARN(), Approved: make([]known.Approved, maxClaims-1)}
			},
			"", finding.OutcomeApproved, finding.SeverityMedium, true, "Verification pending: ", "hold approve StopLogging " +
				"logging disturb",
		},
		"many that are confirmed": {
			"stop-logging", "StopLogging", nil, func(_ *world, m *table) {
				m.Known[management.ARN()] = known.Trail{
					ARN: management.ARN(), Approved: slices.Repeat([]known.Approved{{Reported: true}}, maxNotes-1),
				}
			},
			"", finding.OutcomeApproved, finding.SeverityMedium, true, "Verification pending: ", "hold approve StopLogging " +
				"logging disturb",
		},
		"one confirmed too many": {
			"stop-logging", "StopLogging", nil, func(_ *world, m *table) {
				m.Known[management.ARN()] = known.Trail{
					ARN: management.ARN(), Approved: slices.Repeat([]known.Approved{{Reported: true}}, maxNotes),
				}
			},
			"restart", finding.OutcomeRestored, finding.SeverityHigh, false, "Too many claims", "disturb",
		},
		"a sweep that is just often enough": {
			"stop-logging", "StopLogging", nil, func(w *world, _ *table) { w.Config.SweepMinutes = 15 },
			"", finding.OutcomeApproved, finding.SeverityMedium, true, "Verification pending: ", "hold approve StopLogging " +
				"logging disturb",
		},
		"a sweep that is too seldom, but for settings": {
			"update-trail-minimise", "UpdateTrail", nil, func(w *world, _ *table) { w.Config.SweepMinutes = 16 },
			"restore", finding.OutcomeApproved, finding.SeverityMedium, true, "Verification pending: ",
			"hold approve UpdateTrail " + minimised,
		},
		"waited for before, and not yet in vain": {
			"stop-logging", "StopLogging", nil, func(_ *world, m *table) {
				m.Known[management.ARN()] = known.Trail{ARN: management.ARN(), Held: now.Add(time.Second - approval.Patience)}
			},
			"", finding.OutcomeApproved, finding.SeverityMedium, true, "Verification pending: ", "approve StopLogging logging " +
				"disturb",
		},
		"a stop by another role, in truth": {
			"stop-logging", "StopLogging", func(t *testing.T, p *past) {
				p.Known(t, "stop-logging", func(r map[string]any) {
					session := r["userIdentity"].(map[string]any)["sessionContext"].(map[string]any)
					session["sessionIssuer"] = map[string]any{"arn": deployer + "2"}
				})
			}, nil, "restart", finding.OutcomeRestored, finding.SeverityCritical, false, "A record claimed an approval that " +
				"CloudTrail does not know", "disturb",
		},
		"no judge": {
			"stop-logging", "StopLogging", nil, func(w *world, _ *table) { w.judge = nil },
			"", finding.OutcomeApproved, finding.SeverityMedium, true, "Verification pending: ", "hold approve StopLogging " +
				"logging disturb",
		},
		"made long ago, as it says": {
			"stop-logging", "StopLogging", nil, func(w *world, _ *table) {
				w.Clock.Now = func() time.Time { return now.Add(-day / 96) }
			},
			"restart", finding.OutcomeRestored, finding.SeverityCritical, false, "A record claimed an approval that " +
				"CloudTrail does not know", "disturb",
		},
		"the history may not be read": {
			"stop-logging", "StopLogging", func(_ *testing.T, p *past) { p.Err = history.ErrRefused }, nil,
			"", finding.OutcomeApproved, finding.SeverityMedium, true, "may not be read", "hold approve StopLogging logging " +
				"disturb",
		},
		"a deletion, waited for": {
			"delete-trail", "DeleteTrail", nil, func(w *world, _ *table) { w.Config.Mode = config.ModeRecreate },
			"", finding.OutcomeApproved, finding.SeverityMedium, true, "Verification pending: ", "hold approve DeleteTrail  " +
				"disturb",
		},
		"a deletion, refuted": {
			"delete-trail", "DeleteTrail", func(t *testing.T, p *past) {
				p.Known(t, "delete-trail", func(r map[string]any) { r["errorCode"] = "x" })
			}, func(w *world, _ *table) { w.Config.Mode = config.ModeRecreate },
			"restore", finding.OutcomeNoDrift, finding.SeverityCritical, false, "A record claimed an approval that CloudTrail " +
				"does not know", "",
		},
		"settings, waited for": {
			"update-trail-minimise", "UpdateTrail", nil, nil,
			"restore", finding.OutcomeApproved, finding.SeverityMedium, true, "Verification pending: ",
			"hold approve UpdateTrail " + minimised,
		},
		"settings, confirmed": {
			"update-trail-minimise", "UpdateTrail", func(t *testing.T, p *past) {
				p.Known(
					t, "update-trail-minimise", nil,
				)
			}, nil,
			"restore", finding.OutcomeApproved, finding.SeverityMedium, false, "confirms the call", "approve UpdateTrail " +
				minimised,
		},
		"settings, confirmed with others": {
			"update-trail-minimise", "UpdateTrail", func(t *testing.T, p *past) {
				p.Known(t, "update-trail-minimise", func(r map[string]any) {
					r["requestParameters"] = map[string]any{"name": "management-events", "s3KeyPrefix": "x"}
				})
			}, nil,
			"restore", finding.OutcomeApproved, finding.SeverityCritical, false, "only those that CloudTrail knows are " +
				"approved", "approve UpdateTrail s3KeyPrefix",
		},
		"settings in a lower mode": {
			"update-trail-minimise", "UpdateTrail", nil, func(w *world, _ *table) { w.Config.Mode = config.ModeRestart },
			"", finding.OutcomeApproved, finding.SeverityMedium, true, "In this mode nothing of it would be restored",
			"hold approve UpdateTrail " + minimised + " disturb",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, m, orders, p := approving(t, nil, test.event)
			if test.history != nil {
				test.history(t, p)
			}
			if test.change != nil {
				test.change(w, m)
			}
			if _, err := w.Invoke(t.Context(), payload(t, test.fixture)); err != nil {
				t.Fatal(err)
			}
			did := ""
			if len(*orders) > 0 {
				did = "restore"
			}
			if slices.Contains(w.Order, "restart") {
				did += "restart"
			}
			n := w.Slack[0]
			if did != test.did || len(w.Slack) != 1 || n.Outcome != test.outcome || n.Severity != test.severity ||
				n.Verifying != test.verifying ||
				!strings.Contains(message.Detail(n), test.says) {
				t.Errorf("did %q; reported %s %s, verifying %v: %q", did, n.Outcome, n.Severity, n.Verifying, message.Detail(n))
			}
			if got := strings.Join(m.Noted, " "); got != test.noted {
				t.Errorf("noted %q; want %q", got, test.noted)
			}
		})
	}
}

// TestApprovedWithoutABaseline: what nothing would put back is not said to be.
func TestApprovedWithoutABaseline(t *testing.T) {
	for fixture, want := range map[string]struct{ event, says string }{
		"update-trail-minimise": {"UpdateTrail", "no baseline, so nothing would be restored"},
		"stop-logging":          {"StopLogging", "The change stays until then"}, // the sweep would start it
	} {
		w, _, orders, _ := approving(t, fs.ErrNotExist, want.event)
		if _, err := w.Invoke(t.Context(), payload(t, fixture)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(message.Detail(w.Slack[0]), want.says) || len(*orders) > 0 {
			t.Errorf("%s: %q", fixture, message.Detail(w.Slack[0]))
		}
	}
}

// TestNothingBeforeStartLogging but what the asset's own approvals ask for: a stop that none of them names is undone
// before anything is looked up.
func TestNothingBeforeStartLogging(t *testing.T) {
	w, m, _, p := approving(t, nil, "UpdateTrail")
	w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
		if p.Asked > 0 || len(m.Noted) > 0 {
			t.Errorf("before StartLogging: asked %d times, noted %v", p.Asked, m.Noted)
		}
		return restored
	})
	if _, err := w.Invoke(
		t.Context(), payload(t, "stop-logging"),
	); err != nil ||
		w.Slack[0].Outcome != finding.OutcomeRestored {
		t.Errorf("%v, %+v", err, w.Slack)
	}
}

// TestRecallExcusesWhatIsApproved, exactly, by what CloudTrail knows and not by what the table says; a note alone
// redirects nothing.
func TestRecallExcusesWhatIsApproved(t *testing.T) {
	evil := fit()
	evil.Settings.S3Bucket = "evil"
	note := known.Approved{
		EventID:   "e",
		EventName: "UpdateTrail",
		Principal: mallory,
		Expires:   now.AddDate(60, 0, 0),
		Fields:    []string{"s3BucketName"},
		State:     evil,
		Reported:  true,
		At:        now,
	}
	stale := note
	stale.At = now.Add(-approval.Patience)
	update := func(bucket string) func(map[string]any) {
		return func(r map[string]any) {
			r["eventID"], r["requestParameters"] = "e", map[string]any{"name": "management-events", "s3BucketName": bucket}
		}
	}
	for name, test := range map[string]struct {
		note    known.Approved
		held    time.Time
		history func(*past)
		now     string
		want    string
	}{
		"confirmed": {
			note, time.Time{}, func(p *past) { p.Known(t, "update-trail-minimise", update("evil")) }, "evil", "evil",
		},
		"confirmed otherwise": {
			note, time.Time{}, func(p *past) { p.Known(t, "update-trail-minimise", update("other")) }, "evil", "logs",
		},
		"what CloudTrail knows": {
			note, time.Time{}, func(p *past) { p.Known(t, "update-trail-minimise", update("other")) }, "other", "other",
		},
		"not confirmed, waiting": {note, now, func(*past) {}, "evil", "evil"},
		"not held back":          {note, time.Time{}, func(*past) {}, "evil", "logs"},
		"held back too long":     {note, now.Add(-approval.Patience), func(*past) {}, "evil", "logs"},
		"held in time to come":   {note, now.Add(time.Hour), func(*past) {}, "evil", "logs"},
		"noted too long ago":     {stale, now, func(*past) {}, "evil", "logs"},
		"long ago, and confirmed": {
			stale, time.Time{}, func(p *past) { p.Known(t, "update-trail-minimise", update("evil")) }, "evil", "evil",
		},
		"another value": {note, now, func(*past) {}, "third", "logs"},
		"healthy":       {note, now, func(*past) {}, "logs", "logs"},
	} {
		w, m, _, p := approving(t, nil, "UpdateTrail")
		test.history(p)
		other := note
		other.EventID, other.State.Settings.S3Bucket = "another", "fourth"
		m.Known[management.ARN()] = known.Trail{
			ARN:      management.ARN(),
			Held:     test.held,
			Approved: []known.Approved{other, test.note},
		}
		state := fit()
		state.Settings.S3Bucket = test.now
		asked := &recollection{claims: &Claims{Judge: w.judge, Table: w.memory}, clock: w.Clock, baseline: fit()}
		b := asked.recall(t.Context()).Approve(fit(), state)
		if b.Settings.S3Bucket != test.want {
			t.Errorf("%s: the baseline has %s; want %s", name, b.Settings.S3Bucket, test.want)
		}
		if got := len(asked.standing()); got != 0 != (test.want != "logs") {
			t.Errorf("%s: %d changes stand under an approval", name, got)
		}
	}
}

// TestWaitingIsDisputed: a record that names somebody else for the same fields ends the waiting; what CloudTrail has
// confirmed stays.
func TestWaitingIsDisputed(t *testing.T) {
	moved := fit()
	moved.Settings.S3Bucket, moved.Settings.MultiRegion, moved.Settings.GlobalEvents = "new", false, false
	note := known.Approved{
		EventID:   "e",
		EventName: "UpdateTrail",
		Principal: deployer,
		Fields:    []string{"s3BucketName"},
		State:     moved,
		At:        now,
	}
	both := note
	both.Fields = append(both.Fields, "isMultiRegionTrail", "includeGlobalServiceEvents")
	omitted := map[string]any{"omitted": true, "reason": "requestParameters too large"}
	alias := func(name string) map[string]any {
		return map[string]any{"name": "management-events", "enableLogFileValidation": false, name: "alias/logs"}
	}
	key := note
	key.Fields = append(key.Fields, "kmsKeyId")
	for name, test := range map[string]struct {
		note    known.Approved
		proven  bool
		request map[string]any // of the other's call; nil: the fixture's
		bucket  string
	}{
		"other fields":                           {note, false, nil, "new"},
		"the same fields":                        {both, false, nil, "logs"},
		"the same fields, confirmed":             {both, true, nil, "new"},
		"a request that is not shown":            {note, false, omitted, "logs"},
		"a request that is not shown, confirmed": {both, true, omitted, "new"},
		"a key by an alias":                      {key, false, alias("kmsKeyId"), "logs"},
		"no key":                                 {key, false, alias("x"), "new"},
	} {
		w, m, _, p := approving(t, nil, "UpdateTrail")
		w.exceptions.Approvals = nil // these are the judge's
		if test.proven {
			p.Known(t, "update-trail-minimise", func(r map[string]any) {
				r["eventID"], r["requestParameters"] = "e", map[string]any{
					"name":               "management-events",
					"s3BucketName":       "new",
					"isMultiRegionTrail": false,
				}
				r["userIdentity"] = map[string]any{
					"type":           "AssumedRole",
					"sessionContext": map[string]any{"sessionIssuer": map[string]any{"arn": deployer}},
				}
			})
		}
		m.Known[management.ARN()] = known.Trail{ARN: management.ARN(), Held: now, Approved: []known.Approved{test.note}}
		excused := ""
		w.restores = orderFunc(func(o remediate.Request) remediate.Result {
			excused = o.Recall(t.Context()).Approve(o.Baseline, moved).Settings.S3Bucket
			return remediate.Result{}
		})
		event := payload(t, "update-trail-minimise")
		if test.request != nil {
			event = asking(t, event, test.request)
		}
		if _, err := w.Invoke(t.Context(), event); err != nil {
			t.Fatal(err)
		}
		if excused != test.bucket {
			t.Errorf("%s: the baseline has bucket %s; want %s", name, excused, test.bucket)
		}
	}
}

// asking is an event whose record shows another request; the trail is named by the answer.
func asking(t *testing.T, event []byte, request map[string]any) []byte {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatal(err)
	}
	record := e["detail"].(map[string]any)
	record["requestParameters"], record["responseElements"] = request, map[string]any{"trailARN": management.ARN()}
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestCallsAreJudgedByWhatTheyAskedFor, although nothing of it is left to put back, and although what is left is
// approved.
func TestCallsAreJudgedByWhatTheyAskedFor(t *testing.T) {
	weak := fit()
	weak.Settings.S3Bucket = "approved"
	for name, test := range map[string]struct {
		fixture  string
		state    trail.State
		severity finding.Severity
		headline string
	}{
		"undone with the change before": {
			"put-event-selectors-blinding", fit(), finding.SeverityHigh, "already restored with the previous change",
		},
		"settings, undone before": {"update-trail-minimise", fit(), finding.SeverityHigh, "already restored with the " +
			"previous change"},
		"tags, undone before": {"remove-tags", fit(), finding.SeverityMedium, "already restored with the previous " +
			"change"},
		"nothing is weaker":        {"add-tags", fit(), finding.SeverityMedium, "no weakening drift from the baseline"},
		"weaker under an approval": {"add-tags", weak, finding.SeverityHigh, "the drift is covered by an approval"},
	} {
		w, m, _, p := approving(t, nil, "UpdateTrail")
		w.exceptions.Approvals = nil // these are the judge's
		p.Known(t, "update-trail-minimise", func(r map[string]any) {
			r["eventID"], r["requestParameters"] = "e", map[string]any{"name": "management-events", "s3BucketName": "approved"}
			r["userIdentity"] = map[string]any{
				"type":           "AssumedRole",
				"sessionContext": map[string]any{"sessionIssuer": map[string]any{"arn": deployer}},
			}
		})
		m.Known[management.ARN()] = known.Trail{
			ARN:      management.ARN(),
			Approved: []known.Approved{{EventID: "e", EventName: "UpdateTrail", Principal: deployer}},
		}
		w.baseline = func(string) (baseline.Baseline, error) {
			b := fit()
			b.Tags = map[string]string{"owner": "security", "protected": "yes"}
			return baseline.Baseline{Trail: b}, nil
		}
		test.state.Tags = map[string]string{"owner": "security", "protected": "yes"}
		w.restores = orderFunc(func(o remediate.Request) remediate.Result {
			o.Recall(t.Context()).Approve(o.Baseline, test.state)
			return remediate.Result{}
		})
		if _, err := w.Invoke(t.Context(), payload(t, test.fixture)); err != nil {
			t.Fatal(err)
		}
		n := w.Slack[0]
		if n.Outcome != finding.OutcomeNoDrift || n.Severity != test.severity ||
			!strings.Contains(message.Headline(n), test.headline) {
			t.Errorf("%s: %s %s: %s (%+v)", name, n.Outcome, n.Severity, message.Headline(n), n.Changes)
		}
	}
}

// TestApprovalOfAnUnseenRequest covers nothing: a record that does not show what it asked for is judged like any other.
func TestApprovalOfAnUnseenRequest(t *testing.T) {
	w, m, orders, _ := approving(t, nil, "UpdateTrail")
	raw := asking(
		t, payload(t, "update-trail-minimise"), map[string]any{"omitted": true, "reason": "requestParameters too large"},
	)
	if _, err := w.Invoke(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	if n := w.Slack[0]; len(*orders) != 1 || n.Outcome == finding.OutcomeApproved ||
		!strings.Contains(message.Detail(n), "The approval covers nothing: ") ||
		len(m.Noted) != 0 {
		t.Errorf("%d restores; reported %s: %q; noted %v", len(*orders), n.Outcome, message.Detail(n), m.Noted)
	}
}
