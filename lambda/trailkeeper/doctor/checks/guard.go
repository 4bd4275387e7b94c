package checks

import (
	"context"
	"errors"
	"strings"

	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// guard judges whether the guard's function is there, and whether it would take its settings.
func guard(_ context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "guard"
	g := d.Guard
	switch {
	case errors.Is(g.Err, deployed.ErrNoFunction):
		return one(verdict.Bad(name, "The stack "+d.Stack+" has no output FunctionName.",
			"Name the stack of Trailkeeper with --stack, or deploy it again."))
	case g.Err != nil:
		v := verdict.Refused(name, "read the settings of "+g.Function, "lambda:GetFunctionConfiguration", g.Err, map[string]string{
			"ResourceNotFound": "there is no such function any more",
		})
		if strings.Contains(v.Says, "any more") {
			v = verdict.Bad(name, "The guard's function "+g.Function+" is gone.", "Deploy again, and find out who deleted it.")
		}
		return one(v)
	case g.State != "" && g.State != "Active":
		return one(verdict.Bad(name, "The guard's function is "+g.State+" and not Active.", "Deploy again, and read its events in Lambda."))
	case g.Wrong != nil:
		return one(verdict.Bad(name, "The guard refuses its settings: "+oneLine(g.Wrong)+".",
			"Deploy again; if that does not help, somebody has changed the function's environment."))
	}
	return one(verdict.Good(name, "The guard's function is there, in mode "+string(g.Settings.Mode)+"."))
}

// oneLine is an error on one line, without the full stop at its end.
func oneLine(err error) string {
	return strings.TrimRight(sanitize.Bound(strings.ReplaceAll(err.Error(), "\n", "; "), 300), ".")
}
