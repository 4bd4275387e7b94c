package asked

// ErrOmitted is errOmitted.
var ErrOmitted = errOmitted
