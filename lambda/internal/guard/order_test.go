package guard

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/trail"
)

// weakTrail answers for a trail that logs, and is weaker than strong in its settings, selectors, Insights and tags. Of
// a call that says what a trail is, a deleted one knows nothing.
func weakTrail(gone, logging bool) map[string]string {
	arn := management.ARN()
	answers := map[string]string{
		"DescribeTrails": `{"trailList":[{"TrailARN":"` + arn + `","Name":"management-events","S3BucketName":"evil",
			"HomeRegion":"eu-west-1","HasInsightSelectors":true,"HasCustomEventSelectors":true}]}`,
		"GetTrailStatus": fmt.Sprintf(`{"IsLogging":%v,"StartLoggingTime":1,"StopLoggingTime":2}`, logging),
		"GetEventSelectors": `{"TrailARN":"` + arn + `",
			"EventSelectors":[{"ReadWriteType":"ReadOnly","IncludeManagementEvents":true}]}`,
		"GetInsightSelectors":   `{"TrailARN":"` + arn + `","InsightSelectors":[{"InsightType":"ApiErrorRateInsight"}]}`,
		"ListTags":              `{"ResourceTagList":[{"ResourceId":"` + arn + `","TagsList":[]}]}`,
		"GetSecretValue":        `{"SecretString":"{\"bot_token\":\"xoxb-example-token\"}"}`,
		"/api/chat.postMessage": `{"ok":true,"ts":"1.2"}`,
	}
	if gone {
		answers["DescribeTrails"] = `{"trailList":[]}`
	}
	return answers
}

// strong is the declared baseline of that trail.
func strong(arn string) (baseline.Baseline, error) {
	return baseline.Baseline{CapturedAt: time.Unix(1e9, 0), Trail: trail.State{
		ARN:       arn,
		Logging:   true,
		Settings:  trail.Settings{S3Bucket: "logs", MultiRegion: true, GlobalEvents: true},
		Selectors: []trail.Selector{{ReadWrite: "All", Management: true}},
		Insights:  []trail.InsightSelector{{Type: "ApiCallRateInsight"}, {Type: "ApiErrorRateInsight"}},
		Tags:      map[string]string{"owner": "security", "protected": "yes"},
	}}, nil
}

// TestWhatComesBeforeTheFirstWrite to CloudTrail is this list, for every kind of event in every mode, and nothing else:
// no write to the table, no secret, no event history and no message. The table is read beside the trail, since an
// approval or the attempt cap stands there.
func TestWhatComesBeforeTheFirstWrite(t *testing.T) {
	const nothing, none = "", "-"         // first of all; never
	const held = "GetItem GetTrailStatus" // an approval may cover the stop after it
	const swept = "DescribeTrails GetEventConfiguration GetEventSelectors GetInsightSelectors GetItem GetTrailStatus " +
		"ListTags Query"
	const reads = "DescribeTrails GetEventConfiguration GetEventSelectors GetInsightSelectors GetItem GetTrailStatus " +
		"ListTags"
	for fixture, want := range map[string][4]string{ // in the modes notify, restart, restore, recreate
		"stop-logging":                 {none, nothing, nothing, nothing},
		"update-trail-minimise":        {none, none, reads, reads},
		"put-event-selectors-blinding": {none, none, reads, reads},
		"put-insight-selectors":        {none, none, reads, reads},
		"remove-tags":                  {none, none, reads, reads},
		"delete-trail":                 {none, none, none, nothing}, // what is gone need not be read
		"start-logging-guard":          {none, held, held, held},    // it did not hold
		"scheduled-event":              {none, swept, swept, swept},
	} {
		for i, mode := range []config.Mode{config.ModeNotify, config.ModeRestart, config.ModeRestore, config.ModeRecreate} {
			f := newFarEnd(t)
			f.answers = weakTrail(fixture == "delete-trail", !strings.Contains("start-logging-guard scheduled-event", fixture))
			settings := config.Example()
			settings.Mode = mode
			h, err := New(Options{
				Getenv:   f.env(settings),
				Log:      slog.New(slog.DiscardHandler),
				Clock:    hasty(),
				Baseline: strong,
				Baselines: func() ([]baseline.Baseline, error) {
					b, err := strong(management.ARN())
					return []baseline.Baseline{b}, err
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = h.Invoke(t.Context(), payload(t, fixture)) // that the restore does not hold is another matter
			got := beforeWriting(f.seen)
			if fixture == "delete-trail" {
				got = strings.TrimPrefix(got, "GetItem") // beside, and not waited for
			}
			if diff := cmp.Diff(want[i], got); diff != "" {
				t.Errorf("%s in mode %s (-want +got):\n%s", fixture, mode, diff)
			}
		}
	}
}

// beforeWriting lists what was called before the first write to CloudTrail, in the order of names; "-": there was no
// write.
func beforeWriting(seen []string) string {
	var before []string
	for _, call := range seen {
		name, _, _ := strings.Cut(call, " ")
		reads := strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Describe") ||
			strings.HasPrefix(name, "Lookup")
		if strings.HasSuffix(call, " cloudtrail") && !reads {
			slices.Sort(before)
			return strings.Join(slices.Compact(before), " ")
		}
		before = append(before, name)
	}
	return "-"
}

// hasty is a clock that need not be waited for.
func hasty() clock.Clock {
	var slept atomic.Int64
	c := clock.Real()
	c.Now = func() time.Time { return time.Now().Add(time.Duration(slept.Load())) }
	c.Sleep = func(ctx context.Context, d time.Duration) error {
		slept.Add(int64(d))
		return ctx.Err()
	}
	return c
}
