package warden

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/warden/check"
)

// known is what a run goes by.
type known struct {
	description deployment.Own
	record      deployment.Record
	changed     time.Time // when the parameter was last written; zero: not known
	read        bool      // both were
}

// read reads the description in the asset and the record in the parameter. Without one of the two nothing can be
// checked, which is said.
func (r *run) read(ctx context.Context) (known, bool) {
	var k known
	var err error
	if k.description, err = r.warden.Description(); err != nil {
		why := err.Error()
		if errors.Is(err, fs.ErrNotExist) {
			why = "the asset has no such file; deploy again"
		}
		r.cannotSee("the file "+deployment.FileName+" of the function's own asset", why)
		return k, false
	}
	name := deployment.ParameterName(r.warden.Stack)
	value, changed, err := r.parameter(ctx, name)
	switch {
	case awscall.Code(err) == "ParameterNotFound":
		r.ofParameter(check.Difference{Field: check.MissingField, Want: "the parameter " + name, Got: "none"})
		r.cannotSee("the parameter "+name, "it does not exist")
		return k, false
	case err != nil:
		r.unread("the parameter "+name, err)
		return k, false
	}
	if k.record, err = deployment.ParseRecord([]byte(value)); err != nil {
		r.ofParameter(check.Difference{Field: "Value", Want: "a record of the deployment", Got: sanitize.Bound(err.Error(), maxWhy)})
		r.cannotSee("the parameter "+name, "its value is no record of a deployment")
		return k, false
	}
	k.changed, k.read = changed, true
	if foreign := k.record.Foreign(k.description.Description, r.warden.Place); len(foreign) > 0 {
		k.record, r.doubt = without(k.record, foreign), recordDoubt
		r.ofParameter(check.Difference{
			Field: "Names", Want: "names that CloudFormation gave to resources of " + r.warden.Stack,
			Next: r.rewritten(),
			Got:  "other names for " + sanitize.Bound(strings.Join(foreign, ", "), maxWhy),
		})
	}
	return k, true
}

// without is the record without names that CloudFormation did not give.
func without(record deployment.Record, ids []string) deployment.Record {
	names := make(map[string]string, len(record.Names))
	for id, name := range record.Names {
		names[id] = name
	}
	for _, id := range ids {
		delete(names, id)
	}
	record.Names = names
	return record
}

// parameter is the value of a parameter, and when it was written.
func (r *run) parameter(ctx context.Context, name string) (string, time.Time, error) {
	out, err := r.ask(ctx, "ssm", "GetParameter", map[string]any{"Name": name})
	if err != nil {
		return "", time.Time{}, err
	}
	p := awsapi.Object(out["Parameter"])
	var changed time.Time
	if seconds, ok := p["LastModifiedDate"].(float64); ok {
		changed = time.UnixMilli(int64(seconds * 1000)).UTC()
	}
	return awsapi.Text(p["Value"]), changed, nil
}

// ask makes a call in the Region of the stack, in the time that is left.
func (r *run) ask(ctx context.Context, service, operation string, input map[string]any) (map[string]any, error) {
	return r.askIn(ctx, r.warden.Place.Region, service, operation, input)
}

func (r *run) askIn(ctx context.Context, region, service, operation string, input map[string]any) (map[string]any, error) {
	left := r.until.Sub(r.warden.Clock.Now())
	if left <= 0 {
		return nil, errNoTime
	}
	ctx, cancel := context.WithTimeout(ctx, min(maxEach, left))
	defer cancel()
	var out map[string]any
	err := awscall.Do(ctx, r.warden.Clock, func(ctx context.Context) error {
		var err error
		out, err = r.warden.Call(ctx, awsapi.Call{
			Service: service, Region: region, Operation: operation, Input: input,
		})
		return err
	})
	return out, err
}

// ofParameter is a difference of the parameter with the record.
func (r *run) ofParameter(d check.Difference) {
	name := deployment.ParameterName(r.warden.Stack)
	of := deployment.Deployed{
		ID: parameterID, Type: typeParameter, Name: name, Region: r.warden.Place.Region,
		ARN: r.warden.Place.ARN("ssm", "parameter/"+name),
	}
	for i := range r.sights {
		if r.sights[i].of.ID == parameterID {
			r.sights[i].differences = append(r.sights[i].differences, difference{Difference: d})
			return
		}
	}
	r.sights = append(r.sights, sight{of: of, differences: []difference{{Difference: d}}})
}

// parameterID stands for the parameter where it is found wrong without its check.
const parameterID = "record of the deployment"
