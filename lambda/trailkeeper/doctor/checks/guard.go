package checks

import (
	"context"
	"errors"
	"strings"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// guard judges whether the guard's function is there, and whether it would take its settings.
func guard(_ context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "guard"
	if errors.Is(d.Guard.Err, deployed.ErrNoFunction) {
		return one(verdict.Bad(name, "The stack "+d.Stack+" has no output FunctionName.",
			"Name the stack of Trailkeeper with --stack, or deploy it again."))
	}
	if v, wrong := function(name, d.Guard); wrong {
		return one(v)
	}
	return one(verdict.Good(name, "The guard's function is there, in mode "+string(d.Guard.Settings.Mode)+"."))
}

// function says what is wrong with a function; false: nothing.
func function[T any](name string, f deployed.Function[T]) (v verdict.Verdict, wrong bool) {
	switch {
	case f.Err != nil && awscall.Code(f.Err) == "ResourceNotFound":
		return verdict.Bad(name, "The "+name+"'s function "+f.Name+" is gone.", "Deploy again, and find out who deleted it (DeleteFunction)."), true
	case f.Err != nil:
		return verdict.Refused(name, "read the settings of "+f.Name, "lambda:GetFunctionConfiguration", f.Err, nil), true
	case f.State != "" && f.State != "Active":
		return verdict.Bad(name, "The "+name+"'s function is "+f.State+" and not Active.", "Deploy again, and look at the function in Lambda."), true
	case f.Wrong != nil:
		return verdict.Bad(name, "The "+name+" refuses its settings: "+oneLine(f.Wrong)+".",
			"Deploy again; if that does not help, somebody has changed the function's environment."), true
	}
	return v, false
}

// oneLine is an error on one line, without the full stop at its end.
func oneLine(err error) string {
	return strings.TrimRight(sanitize.Bound(strings.ReplaceAll(err.Error(), "\n", "; "), 300), ".")
}
