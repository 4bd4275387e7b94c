package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/internal/trail/reading"
)

// Restored wants the trail to log again.
func Restored() []Check {
	return byRestart("logging was restored", func(r *Run) string {
		if !r.Cloud.Logging(r.Trail) {
			return "the trail is not logging; the deployment's mode is " + need.Guard(r.deployment)[config.EnvMode]
		}
		return ""
	})
}

// Untouched wants the trail to log as before.
func Untouched() []Check {
	return One("the trail still logs", func(r *Run) string {
		if !r.Cloud.Logging(r.Trail) {
			return "the trail is not logging"
		}
		return ""
	})
}

// RestartedFirst wants nothing to come before StartLogging.
func RestartedFirst() []Check {
	return byRestart("StartLogging was the first call", func(r *Run) string {
		switch calls := r.Timeline.Calls(); {
		case len(calls) == 0:
			return "the guard made no call"
		case calls[0].Op != "StartLogging":
			return "the guard's first call was " + calls[0].Op
		}
		return ""
	})
}

// Harmless wants the guard to change nothing.
func Harmless() []Check {
	return never("nothing was changed", func(e localcloud.Entry) string {
		if e.Kind == localcloud.KindCall && e.Function && e.Write {
			return "the guard called " + e.Op
		}
		return ""
	})
}

// SilentTowardsCloudTrail wants the guard not to call CloudTrail at all.
func SilentTowardsCloudTrail() []Check {
	return never("no call was made", func(e localcloud.Entry) string {
		if e.Kind == localcloud.KindCall && e.Function {
			return "the guard called " + e.Op
		}
		return ""
	})
}

// PutBack wants the trail to be as its baseline has it, read as anybody reads it.
func PutBack() []Check {
	return One("the trail is as its baseline has it", func(r *Run) string {
		api := stage.Client(r.Cloud, r.Region)
		reader := reading.Reader{Client: func(string) reading.API { return api }, Clock: clock.Real()}
		now, err := reader.Read(context.Background(), r.Trail)
		if err != nil {
			return "the trail cannot be read: " + err.Error()
		}
		var why []string
		for _, c := range trail.Diff(r.Declared, now) {
			why = append(why, string(c.Field)+": "+c.Sentence)
		}
		return strings.Join(why, " ")
	})
}

// WritesOnly wants the function to make these writes, once each and in this order, and no other.
func WritesOnly(want ...string) []Check {
	return One("nothing else was changed", func(r *Run) string {
		if made := r.Timeline.Writes(); !slices.Equal(made, want) {
			return "the guard made " + strings.Join(made, ", ") + "; want " + strings.Join(want, ", ")
		}
		return ""
	})
}

// StartedEachTime wants StartLogging once for each stop, and no other write.
func StartedEachTime(n int) []Check {
	return where(need.InMode(config.ModeRestart), "nothing else was changed", func(r *Run) string {
		made := r.Timeline.Writes()
		if !slices.Equal(made, slices.Repeat([]string{"StartLogging"}, n)) {
			return fmt.Sprintf("the guard made %d writes: %s; want StartLogging %d times", len(made),
				strings.Join(slices.Compact(made), ", "), n)
		}
		return ""
	})
}

// CappedAt wants the trail to be put back as often as the attempt cap allows, and once by the sweep.
func CappedAt(n int) []Check {
	return One("nothing else was changed", func(r *Run) string {
		if made := r.Timeline.Writes(); len(made) != n+1 {
			return fmt.Sprintf("the guard made %d writes; want %d, and one of the sweep", len(made), n)
		}
		return ""
	})
}

// NotRedirected wants the trail to write where it did before anything was played.
func NotRedirected() []Check {
	return One("the logs go where they went", func(r *Run) string {
		now, ok := r.Cloud.TrailTruth(r.Trail)
		if !ok || now.Settings.S3Bucket != r.Declared.Settings.S3Bucket {
			return "they go to bucket " + now.Settings.S3Bucket
		}
		return ""
	})
}
