package localcloud

import "time"

const (
	// filesEvery is how often a trail delivers log files, and events to CloudWatch Logs; AWS says about every five minutes.
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

// catchUp plays the deliveries that were due since the last time. Whoever changes a trail or what it depends on calls it first, so that every
// delivery finds things as they were when it was due. There is always something to deliver.
func (c *Cloud) catchUp(t *trail) {
	now, s, h := c.time.Now(), t.state(), &t.health
	due := func(every time.Duration) (time.Time, bool) {
		at := now.Truncate(every)
		return at, at.After(h.played) && s.Logging && !s.Deleted
	}
	if at, ok := due(filesEvery); ok {
		err := c.filesError(t, s)
		h.files.try(at, err)
		if topic := topicOf(t.Trail, s); topic != "" && err == "" {
			switch {
			case c.notifies(topic, t.Trail):
				h.topics.try(at, "")
			case c.gone[topic]:
				h.topics.try(at, "NotFound")
			default:
				h.topics.try(at, "AuthorizationError")
			}
		}
		if group, _ := s.Settings["CloudWatchLogsLogGroupArn"].(string); group != "" {
			_, err := c.logsTo(t.Trail, s)
			h.logs.try(at, err)
		}
	}
	if at, ok := due(digestsEvery); ok && s.on("EnableLogFileValidation") {
		h.digests.try(at, c.filesError(t, s))
	}
	h.played = now
}

// filesError is S3's code for why no file can be written; empty: it can.
func (c *Cloud) filesError(t *trail, s trailState) string {
	name, _ := s.Settings["S3BucketName"].(string)
	key, _ := s.Settings["KmsKeyId"].(string)
	b, exists := c.bucket(name)
	_, err := c.encrypts(key, t.Trail)
	switch {
	case !exists:
		return "NoSuchBucket"
	case !c.delivers(b, t.Trail, s):
		return "AccessDenied"
	default:
		return err
	}
}

// show adds what GetTrailStatus tells of the deliveries.
func (h health) show(answer map[string]any) {
	for name, d := range map[string]channel{
		"LatestDelivery": h.files, "LatestDigestDelivery": h.digests, "LatestCloudWatchLogsDelivery": h.logs, "LatestNotification": h.topics,
	} {
		if !d.latest.IsZero() {
			answer[name+"Time"] = statusTime(d.latest)
		}
		if d.err != "" {
			answer[name+"Error"] = d.err
		}
	}
	for name, d := range map[string]channel{"LatestDelivery": h.files, "LatestNotification": h.topics} {
		answer[name+"AttemptTime"], answer[name+"AttemptSucceeded"] = recordTime(d.attempt), ""
		if !d.latest.IsZero() {
			answer[name+"AttemptSucceeded"] = recordTime(d.latest)
		}
	}
}

func recordTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
