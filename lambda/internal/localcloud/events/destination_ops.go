package events

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// answerDestination answers a call that is about a connection or an API destination.
func (s *Bus) answerDestination(cl *kernel.Call) (any, *kernel.Error) {
	kind, name := "api-destination", cl.Text("Name")
	if strings.HasSuffix(cl.Op, "Connection") {
		kind = "connection"
	}
	short := s.kernel.PlaceOf(cl).ARN("events", kind+"/"+name)
	if failed := s.mayManage(cl, short); failed != nil {
		return nil, failed
	}
	missing := kernel.Refuse("ResourceNotFoundException", "Failed to describe the %s(s). %s '%s' does not exist.",
		kind, kind, name)
	if kind == "connection" {
		c := find(s.connections, short)
		if c == nil {
			return nil, missing
		}
		return map[string]func(*kernel.Call, *connection) (any, *kernel.Error){
			"DeauthorizeConnection": s.deauthorizeConnection,
			"DeleteConnection":      s.deleteConnection,
			"DescribeConnection":    s.describeConnection,
			"UpdateConnection":      s.updateConnection,
		}[cl.Op](cl, c)
	}
	d := find(s.destinations, short)
	if d == nil {
		return nil, missing
	}
	return map[string]func(*kernel.Call, *destination) (any, *kernel.Error){
		"DeleteApiDestination":   s.deleteDestination,
		"DescribeApiDestination": s.describeDestination,
		"UpdateApiDestination":   s.updateDestination,
	}[cl.Op](cl, d)
}

// find is what has an ARN, without the ID at its end.
func find[T any](all map[string]*T, short string) *T {
	for arn, one := range all {
		if arn[:strings.LastIndexByte(arn, '/')] == short {
			return one
		}
	}
	return nil
}

// mayManage asks IAM for the ARN without the ID, as the Service Authorization Reference has it, and for that with the
// ID, as the API answers it: AWS does not say which of the two a policy is asked for, and a grant has to hold for both.
func (s *Bus) mayManage(cl *kernel.Call, short string) *kernel.Error {
	whole := short
	for _, arn := range slices.Concat(slices.Collect(maps.Keys(s.connections)), slices.Collect(maps.Keys(s.destinations))) {
		if strings.HasPrefix(arn, short+"/") {
			whole = arn
		}
	}
	if failed := s.kernel.Allow(cl, policy.Access{Action: "events:" + cl.Op, Resource: whole}, nil); failed != nil {
		return failed
	}
	return s.kernel.May(cl, policy.Access{Action: "events:" + cl.Op, Resource: short}, nil)
}

// inOrder are the API destinations in the order of their ARNs.
func (s *Bus) inOrder() []*destination {
	var all []*destination
	for _, arn := range slices.Sorted(maps.Keys(s.destinations)) {
		all = append(all, s.destinations[arn])
	}
	return all
}

// state is that of an API destination: of its connection.
func (s *Bus) stateOf(d *destination) string {
	if c := s.connections[d.connection]; c != nil && c.state == authorized {
		return "ACTIVE"
	}
	return "INACTIVE"
}

func (s *Bus) times(d *destination) map[string]any {
	return map[string]any{
		"ApiDestinationArn":   d.arn,
		"ApiDestinationState": s.stateOf(d),
		"CreationTime":        d.made,
		"LastModifiedTime":    d.changed,
	}
}

func (s *Bus) describeDestination(_ *kernel.Call, d *destination) (any, *kernel.Error) {
	out := s.times(d)
	out["Name"], out["ConnectionArn"], out["InvocationEndpoint"] = d.name, d.connection, d.endpoint
	out["HttpMethod"], out["InvocationRateLimitPerSecond"] = d.method, d.perSecond
	if d.description != "" {
		out["Description"] = d.description
	}
	return out, nil
}

func (s *Bus) updateDestination(cl *kernel.Call, d *destination) (any, *kernel.Error) {
	if con := cl.Text("ConnectionArn"); con != "" && s.connections[con] == nil {
		return nil, kernel.Refuse("ResourceNotFoundException", "Connection '%s' does not exist.", con)
	}
	rate, given, failed := cl.Number("InvocationRateLimitPerSecond", 1, 300)
	if failed != nil {
		return nil, failed
	}
	if given {
		d.perSecond = rate
	}
	if description, given := cl.Params["Description"].(string); given {
		d.description = description
	}
	d.connection = cmp.Or(cl.Text("ConnectionArn"), d.connection)
	d.endpoint = cmp.Or(cl.Text("InvocationEndpoint"), d.endpoint)
	d.method = cmp.Or(cl.Text("HttpMethod"), d.method)
	d.changed = s.kernel.Now()
	return s.times(d), nil
}

// deleteDestination deletes an API destination. What a rule still sends to it has nowhere to go.
func (s *Bus) deleteDestination(_ *kernel.Call, d *destination) (any, *kernel.Error) {
	delete(s.destinations, d.arn)
	return map[string]any{}, nil
}
