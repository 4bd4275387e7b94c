package assess

import (
	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/trail"
)

// ModeOf is the mode that counts for a call on a trail.
func (s Scope) ModeOf(arn, call string) config.Mode { return s.Exceptions.Mode(arn, call, s.Mode) }

// Undoes reports whether the mode of a call on a trail has it undone.
func (s Scope) Undoes(arn, call string) bool { return s.ModeOf(arn, call).AtLeast(leastToUndo(call)) }

// Leaves lists the fields of a trail that an override keeps the guard from putting back.
func (s Scope) Leaves(arn string) []trail.Field {
	var fields []trail.Field
	for _, f := range trail.Fields() {
		if !s.Undoes(arn, f.Call()) {
			fields = append(fields, f)
		}
	}
	return fields
}

// Own reports whether the guard's role made a call.
func (s Scope) Own(ev events.Event) bool {
	return s.RoleARN != "" && ev.Record.Identity.IssuerARN == s.RoleARN
}

// leastToUndo is the mode in which a call is undone.
func leastToUndo(call string) config.Mode {
	switch call {
	case "StopLogging":
		return config.ModeRestart
	case "DeleteTrail":
		return config.ModeRecreate
	}
	return config.ModeRestore
}

// WithoutApprovals is the scope as if nothing were approved.
func (s Scope) WithoutApprovals() Scope {
	s.Exceptions.Approvals = nil
	return s
}
