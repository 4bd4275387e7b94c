package config

import "slices"

// The names of the environment variables about the warden.
const (
	// EnvFunction says which of the two the program of the guard is; see IsWarden.
	EnvFunction    = "TRAILKEEPER_FUNCTION"
	EnvWardenMode  = "TRAILKEEPER_WARDEN_MODE"
	EnvStackRegion = "TRAILKEEPER_STACK_REGION"
)

// functionWarden is EnvFunction of the warden. The guard has none.
const functionWarden = "warden"

// IsWarden reports whether the program, which is the guard's, runs as the warden: then its environment is what
// WardenFromEnv reads.
func IsWarden(getenv func(string) string) bool { return getenv(EnvFunction) == functionWarden }

// WardenModes lists how far guard and warden may go with each other's resources: report, or restore as well.
func WardenModes() []string { return []string{string(ModeNotify), string(ModeRestore)} }

// Warden is what the warden must know of its deployment besides deployment.json of its asset: the document that cdk
// writes and the warden reads. Its table, its topic and its secret are the guard's; the queue is its own.
type Warden struct {
	Reporting
	// Mode is ModeNotify or ModeRestore: whether what differs is restored.
	Mode Mode
	// RoleARN is that of the warden's own role.
	RoleARN string
	// Region is that of the deployment's stack where the warden is in another; empty: the warden's own. The table, a
	// secret named without an ARN, and all that is checked, are in it.
	Region string
	// Minutes from one run to the next, 1 to 60.
	Minutes int
	// Heartbeat is the warden's own: another key than the guard's.
	Heartbeat Heartbeat
}

// wardenVariables are all that the environment holds of a Warden.
func wardenVariables() []variable[Warden] {
	minutes := number(EnvSweepMinutes, func(w *Warden) *int { return &w.Minutes }, "", 60, "1 to 60 minutes")
	minutes.ok = func(w Warden) bool { return w.Minutes >= 1 && w.Minutes <= 60 }
	return slices.Concat(
		[]variable[Warden]{
			{
				EnvFunction,
				func(Warden) string { return functionWarden },
				func(_ *Warden, s string) bool { return s == functionWarden },
				nil,
				functionWarden,
			},
			wardenMode(func(w *Warden) *Mode { return &w.Mode }, validWardenMode),
		},
		reporting(func(w *Warden) *Reporting { return &w.Reporting }),
		[]variable[Warden]{
			word(EnvRoleARN, func(w *Warden) *string { return &w.RoleARN }, FormRole.Matches,
				"the ARN of the function's role"),
			word(EnvStackRegion, func(w *Warden) *string { return &w.Region }, orNone(validRegion), "a Region such as eu-west-1"),
			minutes,
		},
		heartbeat(func(w *Warden) *Heartbeat { return &w.Heartbeat }),
	)
}

func wardenMode[T any](of func(*T) *Mode, ok func(Mode) bool) variable[T] {
	return word(EnvWardenMode, of, ok, "notify or restore")
}

func validWardenMode(m Mode) bool { return slices.Contains(WardenModes(), string(m)) }

func noWardenOrMode(m Mode) bool { return m == "" || validWardenMode(m) }

// Env writes the environment that WardenFromEnv reads back. Empty values are left out.
func (w Warden) Env() map[string]string { return written(wardenVariables(), w) }

// WardenFromEnv reads what Env wrote. The error is a Problems that names every variable that is wrong, its value, and
// what is wanted. What is right is returned all the same: a wrong channel must not keep the others silent.
func WardenFromEnv(getenv func(string) string) (Warden, error) {
	w, problems := read(wardenVariables(), getenv)
	return w, w.checked(problems)
}

// WardenUnknown is about the variables of ours that no Warden has, in an environment as os.Environ gives it.
func WardenUnknown(environ []string) error { return unknown(wardenVariables(), "warden", environ) }

// ExampleWarden is a complete, valid configuration with documentation values. It serves the tests.
func ExampleWarden() Warden {
	w := Warden{
		Reporting: Example().Reporting,
		Mode:      ModeRestore,
		RoleARN:   "arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-warden-eu-west-1",
		Region:    "eu-west-1",
		Minutes:   5,
		Heartbeat: Heartbeat{Secret: "trailkeeper/slack", Key: "heartbeat_warden", Method: "POST"},
	}
	w.FailureQueue = "https://sqs.us-east-1.amazonaws.com/111122223333/trailkeeper-warden"
	w.LastQueue, w.DeadLetters = "", nil
	return w
}
