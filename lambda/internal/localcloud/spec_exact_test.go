package localcloud

import (
	"context"
	"strings"
	"testing"
)

// refused sets the small template up with texts replaced and wants an error that says why.
func refused(t *testing.T, want string, pairs ...string) {
	t.Helper()
	o := Options{
		Template:   smallTemplate(t),
		Account:    account,
		Region:     region,
		Secrets:    map[string]string{"app": `{"webhook":"` + hook + `"}`},
		NewHandler: func(context.Context, FunctionEnv) (Handler, error) { return nil, nil },
	}
	edit(t, pairs...)(&o)
	c, err := New(o)
	if err == nil {
		_ = c.Close()
		t.Errorf("accepted; want %q", want)
		return
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("got %v; want %q", err, want)
	}
}

func TestNamesAreTakenLetterByLetter(t *testing.T) {
	for _, name := range []string{
		"EventPattern", "DeadLetterConfig", "Timeout", "AlarmActions", "Statement", "Id", "InputTemplate",
		"MaximumRetryAttempts",
		"ApiKeyName", "TargetKeyId", "Effect", "Variables", "Destination",
	} {
		for _, wrong := range []string{strings.ToLower(name), strings.ToUpper(name)} {
			refused(t, `unknown field "`+wrong+`"`, `"`+name+`":`, `"`+wrong+`":`)
		}
	}
}
