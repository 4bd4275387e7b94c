package check

import (
	"fmt"
	"time"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/need"
)

// Pinged wants the guard to ping the service outside of AWS after every sweep in so long, and no longer silence than that
// between two sweeps.
func Pinged(span, period time.Duration) []Check {
	return pinged(need.Heartbeat, int(span/period))
}

// BothPinged wants guard and warden to ping it, each after every run in so long.
func BothPinged(span, period time.Duration) []Check {
	return pinged(need.BothHeartbeats, 2*int(span/period))
}

func pinged(needs need.Need, want int) []Check {
	return where(needs, "the service outside was pinged after each sweep", func(r *Run) string {
		pings := r.Timeline.Where(isPing)
		if len(pings) != want {
			return fmt.Sprintf("it was pinged %d times; want %d", len(pings), want)
		}
		for _, e := range pings {
			if e.Err != "" {
				return "it refused a ping with " + e.Err
			}
		}
		return ""
	})
}

// SilentOutside wants the service outside to be pinged before so long has passed, and never after: that is how it learns
// that nothing works.
func SilentOutside(from time.Duration) []Check {
	return where(need.Heartbeat, "the service outside heard no more", func(r *Run) string {
		before := 0
		for _, e := range r.Timeline.Where(isPing) {
			at := e.At.Sub(r.Cloud.Began())
			if at > from+time.Second { // the last sweep before that may still be on its way
				return fmt.Sprintf("it was pinged %s after the start, and nothing could be vouched for since %s", at, from)
			}
			before++
		}
		if from > 0 && before == 0 {
			return "it was never pinged, so that its silence says nothing"
		}
		return ""
	})
}

func isPing(e localcloud.Entry) bool { return e.Kind == localcloud.KindPing }
