package awscall

import (
	"errors"
	"strconv"
)

// countedError is the last error of a call that was made more than once. It reads as that error.
type countedError struct {
	error
	calls int
}

// Unwrap returns the last error.
func (e *countedError) Unwrap() error { return e.error }

func counted(err error, calls int) error {
	if err == nil || calls == 1 {
		return err
	}
	return &countedError{err, calls}
}

// calls is how often the call was made that ended in err, as far as is known.
func calls(err error) int {
	if e, ok := errors.AsType[*countedError](err); ok {
		return e.calls
	}
	return 1
}

// Times says how often something was tried, to follow what happened: ", three times". Once is not worth a word.
func Times(n int) string {
	switch {
	case n <= 1:
		return ""
	case n == 2:
		return ", twice"
	case n == 3:
		return ", three times"
	}
	return ", " + strconv.Itoa(n) + " times"
}
