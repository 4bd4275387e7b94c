package events

// What only the tests outside of the package need.
const FormTrail = formTrail

var ErrNoTrail = errNoTrail
