package parts

import (
	"context"
	"maps"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// recordOf reads the record of the deployment. Not nil: it says why it cannot be gone by, or, being
// empty, that the deployment has none.
func recordOf(
	ctx context.Context, d *deployed.Deployment, call awsapi.Caller, description deployment.Description,
) (deployment.Record, []verdict.Verdict) {
	if description.RecordID() == "" { // there is no warden, which the warden's line says
		return deployment.Record{}, []verdict.Verdict{}
	}
	const deploy = "Deploy with --revert-drift, and find out who changed it (PutParameter)."
	parameter := deployment.ParameterName(d.Stack)
	declared, ok := declaredRecord(ctx, description.RecordID(), d)
	if !ok {
		return deployment.Record{}, verdict.Unseen(name, "The stack's template does not say what the parameter "+parameter+" should.",
			"Look at the stack's template in CloudFormation.")
	}
	out, err := call(ctx, awsapi.Call{Service: "ssm", Region: d.Region(), Operation: "GetParameter", Input: map[string]any{"Name": parameter}})
	switch {
	case awscall.Code(err) == "ParameterNotFound":
		return deployment.Record{}, verdict.Bad(name, "The parameter "+parameter+" is gone: guard and warden cannot check each other.",
			"Deploy with --revert-drift, and find out who deleted it (DeleteParameter).")
	case err != nil:
		return deployment.Record{}, verdict.Refused(name, "read the parameter "+parameter, "ssm:GetParameter", err, nil)
	}
	is, err := deployment.ParseRecord([]byte(awsapi.Text(awsapi.Object(out["Parameter"])["Value"])))
	if err != nil {
		return is, verdict.Bad(name, "The value of the parameter "+parameter+" is no record of a deployment.", deploy)
	}
	place := events.Place{Partition: d.Partition, Region: d.Region(), Account: d.Account}
	if wrong := differing(declared, is, d); wrong != "" {
		return is, verdict.Bad(name, "The parameter "+parameter+" does not say what the stack's template says: "+wrong+".", deploy)
	}
	if foreign := is.Foreign(description, place); len(foreign) > 0 {
		return is, verdict.Bad(name, "The parameter "+parameter+" has names that CloudFormation does not give: "+verdict.Names(foreign)+".", deploy)
	}
	return is, nil
}

// declaredRecord is the record as the template has it, whose names CloudFormation fills in.
func declaredRecord(ctx context.Context, id string, d *deployed.Deployment) (deployment.Record, bool) {
	all, err := d.Template(ctx)
	if err != nil || id == "" {
		return deployment.Record{}, false
	}
	value := all[id].Properties["Value"]
	if sub, ok := value.(map[string]any); ok {
		value = sub["Fn::Sub"]
	}
	text, ok := value.(string)
	if !ok {
		return deployment.Record{}, false
	}
	r, err := deployment.ParseRecord([]byte(text))
	return r, err == nil
}

// differing is what the parameter says otherwise than the template and CloudFormation's list of resources; empty: nothing.
func differing(declared, is deployment.Record, d *deployed.Deployment) string {
	switch {
	case is.Description != declared.Description:
		return "the digest of the description"
	case !maps.Equal(is.Code, declared.Code):
		return "the digest of a function's code"
	case is.SecretVersion != declared.SecretVersion:
		return "the version of the secret"
	}
	for _, key := range slices.Sorted(maps.Keys(declared.Names)) {
		if value := is.Names[key]; value == "" || !strings.Contains(key, ".") && value != physical(d, key) {
			return "the name of " + key
		}
	}
	return ""
}

// physical is the name that the record has of a resource: of a queue, whose physical ID is its URL, the last part.
func physical(d *deployed.Deployment, id string) string {
	for _, r := range d.Resources {
		if r.ID == id && r.Type == "AWS::SQS::Queue" {
			return r.Name[strings.LastIndexByte(r.Name, '/')+1:]
		}
		if r.ID == id {
			return r.Name
		}
	}
	return ""
}
