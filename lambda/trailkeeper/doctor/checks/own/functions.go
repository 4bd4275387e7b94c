package own

import (
	"context"
	"errors"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// Guard judges whether the guard's function is there, and whether it would take its settings.
func Guard(_ context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "guard"
	if errors.Is(d.Guard.Err, deployed.ErrNoFunction) {
		return verdict.Bad(name, "The stack "+d.Stack+" has no output FunctionName.",
			"Name the stack of Trailkeeper with --stack, or deploy it again.")
	}
	if wrong := function(name, d.Guard); wrong != nil {
		return wrong
	}
	return verdict.Good(name, "The guard's function is there, in mode "+string(d.Guard.Settings.Mode)+".")
}

// Warden judges whether the function that checks the guard is there, and whether it would take its settings.
func Warden(_ context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "warden"
	switch {
	case d.Warden.Name == "" && !d.Guard.Known():
		return verdict.Unseen(name, "Whether there is a warden is not known, as the guard's settings are not.",
			"Put right what the guard's line says, and run it again.")
	case d.Warden.Name == "" && d.Guard.Settings.WardenMode == "":
		return verdict.Warn(name, "There is no warden: nobody checks the guard's own parts.", "Set warden.enabled and deploy.")
	case d.Warden.Name == "":
		return verdict.Unseen(name, "The warden is in another Region, as the stack "+d.Stack+"-warden, and was not looked at.",
			"Look at its stack there (warden.region); the guard's sweep checks it.")
	}
	if wrong := function(name, d.Warden); wrong != nil {
		return wrong
	}
	return verdict.Good(name, "The warden's function is there, in mode "+string(d.Warden.Settings.Mode)+".")
}

// function says what is wrong with a function; nil: nothing.
func function[T any](name string, f deployed.Function[T]) []verdict.Verdict {
	switch {
	case f.Err != nil && awscall.Code(f.Err) == "ResourceNotFound":
		return verdict.Bad(name, "The "+name+"'s function "+f.Name+" is gone.", "Deploy with --revert-drift, and find out who deleted it (DeleteFunction).")
	case f.Err != nil:
		return verdict.Refused(name, "read the settings of "+f.Name, "lambda:GetFunctionConfiguration", f.Err, nil)
	case f.State == "":
		return verdict.Unseen(name, "Lambda does not say in what state the "+name+"'s function is.", "Run it again.")
	case f.State != "Active":
		return verdict.Bad(name, "The "+name+"'s function is "+f.State+" and not Active.", "Look at the function in Lambda, which says why.")
	case f.Wrong != nil:
		return verdict.Bad(name, "The "+name+" refuses its settings: "+verdict.OneLine(f.Wrong)+".",
			"Deploy, if this command is newer than the deployment. If not, deploy with --revert-drift, and find out who changed the "+
				"environment (UpdateFunctionConfiguration).")
	}
	return nil
}
