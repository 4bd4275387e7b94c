package lambda

import (
	"slices"
	"time"
)

// settings are what is set of a function. They are never changed, but replaced as a whole: a run keeps those with which
// it began.
type settings struct {
	spec        functionSpec
	code        code
	permissions []permission
	invokes     *invokeConfigSpec // nil: Lambda's defaults
	layers      []string          // of versions of layers, by their ARNs
	vpc         vpc
	changed     time.Time
	deleted     bool
}

// vpc is the network of a function; without subnets, Lambda's own.
type vpc struct{ subnets, groups []string }

// now are the settings of the function.
func (f *function) now() *settings { return f.is.Load() }

// change replaces the settings of a function. The caller holds the lock.
func (*Functions) change(f *function, edit func(*settings)) {
	next := *f.now()
	next.permissions = slices.Clone(next.permissions)
	edit(&next)
	f.is.Store(&next)
}

func (is *settings) timeout() time.Duration {
	if n := is.spec.Timeout; n != nil {
		return time.Duration(*n) * time.Second
	}
	return defaultTimeout
}

// memory is in MB.
func (is *settings) memory() int {
	if n := is.spec.MemorySize; n != nil {
		return *n
	}
	return defaultMemory
}

// onFailure is the ARN of the queue for events that the function kept failing on; empty: there is none.
func (is *settings) onFailure() string {
	if is.invokes != nil && is.invokes.DestinationConfig.OnFailure.Destination != "" {
		return is.invokes.DestinationConfig.OnFailure.Destination
	}
	return is.spec.DeadLetterConfig.TargetArn
}
