package cloudtrail

import (
	"time"

	"trailkeeper/lambda/internal/localcloud/cloudtrail/history"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

const (
	// filesEvery is how often a trail delivers log files, and events to CloudWatch Logs; AWS says about every five
	// minutes.
	filesEvery = 5 * time.Minute
	// digestsEvery is how often it delivers digests ("CloudTrail digest file structure").
	digestsEvery = time.Hour
)

// channel is how one kind of a trail's deliveries fares.
type channel struct {
	latest  time.Time // the last that worked
	attempt time.Time
	err     string // of the last attempt
}

func (d *channel) try(at time.Time, err string) {
	d.attempt, d.err = at, err
	if err == "" {
		d.latest = at
	}
}

// health is how all deliveries of a trail fare, played up to a time.
type health struct {
	played                       time.Time
	files, digests, logs, topics channel
}

// catchUp plays the deliveries that were due since the last time. Whoever changes a trail or what it depends on calls
// it first, so that every delivery finds things as they were when it was due. There is always something to deliver.
func (d dependencies) catchUp(t *trail) {
	now, state, h := d.kernel.Now(), t.state(), &t.health
	due := func(every time.Duration) (time.Time, bool) {
		at := now.Truncate(every)
		return at, at.After(h.played) && state.Logging && !state.Deleted
	}
	if at, ok := due(filesEvery); ok {
		err := d.filesError(t, state)
		h.files.try(at, err)
		if topic := topicOf(t.Trail, state); topic != "" && err == "" {
			h.topics.try(at, topicError(d.asks(t.Trail, topic, "")))
		}
		if group, _ := state.Settings["CloudWatchLogsLogGroupArn"].(string); group != "" {
			_, err := d.logsTo(t.Trail, state)
			h.logs.try(at, err)
		}
	}
	if at, ok := due(digestsEvery); ok && state.on("EnableLogFileValidation") {
		h.digests.try(at, d.filesError(t, state))
	}
	h.played = now
}

// CatchUp plays what was due of every trail. Whoever breaks something that trails depend on calls it first.
func (s *Trails) CatchUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.trails {
		s.uses.catchUp(t)
	}
}

// topicError is SNS's code for why a topic takes no message; empty: it takes it.
func topicError(failed *kernel.Error) string {
	switch {
	case failed == nil:
		return ""
	case failed.Code == kernel.NoResource:
		return "NotFound"
	default:
		return "AuthorizationError"
	}
}

// filesError is S3's code for why no file can be written; empty: it can.
func (d dependencies) filesError(t *trail, state trailState) string {
	failed := d.files(t.Trail, state)
	switch {
	case failed == nil:
		key, _ := state.Settings["KmsKeyId"].(string)
		_, err := d.encrypts(key, t.Trail)
		return err
	case failed.Code == kernel.NoResource:
		return "NoSuchBucket"
	default:
		return "AccessDenied"
	}
}

// show adds what GetTrailStatus tells of the deliveries.
func (h health) show(answer map[string]any) {
	for name, d := range map[string]channel{
		"LatestDelivery":               h.files,
		"LatestDigestDelivery":         h.digests,
		"LatestCloudWatchLogsDelivery": h.logs,
		"LatestNotification":           h.topics,
	} {
		if !d.latest.IsZero() {
			answer[name+"Time"] = d.latest
		}
		if d.err != "" {
			answer[name+"Error"] = d.err
		}
	}
	for name, d := range map[string]channel{"LatestDelivery": h.files, "LatestNotification": h.topics} {
		answer[name+"AttemptTime"], answer[name+"AttemptSucceeded"] = history.Time(d.attempt), ""
		if !d.latest.IsZero() {
			answer[name+"AttemptSucceeded"] = history.Time(d.latest)
		}
	}
}
