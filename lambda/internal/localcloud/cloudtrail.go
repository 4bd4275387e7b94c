package localcloud

import (
	"strings"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
)

const (
	// callTime is how long a call of CloudTrail takes in virtual time. Other services' calls take none, because the function makes
	// them side by side and their order must not show.
	callTime = 40 * time.Millisecond
	// conflictWindow is how long a trail is busy with a change in virtual time ("wait a few minutes" is AWS's upper end). In real time
	// it is not at all, because AWS lets tools through that create a trail and start it at once.
	conflictWindow = 500 * time.Millisecond
)

// operation is one operation of CloudTrail's API.
type operation struct {
	write  bool
	member string // of the request, that names the trail; empty: none
	run    func(c *Cloud, cl *call, t *trail) (map[string]any, *awsError)
}

// operations are those of the local run (CloudTrail API reference).
var operations = sync.OnceValue(func() map[string]operation {
	return map[string]operation{
		"CreateTrail":           {true, "", (*Cloud).createTrail},
		"DeleteTrail":           {true, "Name", (*Cloud).deleteTrail},
		"UpdateTrail":           {true, "Name", (*Cloud).updateTrail},
		"StartLogging":          {true, "Name", (*Cloud).startLogging},
		"StopLogging":           {true, "Name", (*Cloud).stopLogging},
		"PutEventSelectors":     {true, "TrailName", (*Cloud).putEventSelectors},
		"PutInsightSelectors":   {true, "TrailName", (*Cloud).putInsightSelectors},
		"PutEventConfiguration": {true, "TrailName", (*Cloud).putEventConfiguration},
		"GetEventConfiguration": {false, "TrailName", (*Cloud).getEventConfiguration},
		"AddTags":               {true, "ResourceId", (*Cloud).addTags},
		"RemoveTags":            {true, "ResourceId", (*Cloud).removeTags},
		"GetTrail":              {false, "Name", (*Cloud).getTrail},
		"GetTrailStatus":        {false, "Name", (*Cloud).getTrailStatus},
		"GetEventSelectors":     {false, "TrailName", (*Cloud).getEventSelectors},
		"GetInsightSelectors":   {false, "TrailName", (*Cloud).getInsightSelectors},
		"DescribeTrails":        {false, "", (*Cloud).describeTrails},
		"ListTrails":            {false, "", (*Cloud).listTrails},
		"ListTags":              {false, "", (*Cloud).listTags},
		"LookupEvents":          {false, "", (*Cloud).lookupEvents},
	}
})

// cloudTrail answers one call, records it, and gives the record to EventBridge. Where no trail logs write management events, before the call
// or after it, EventBridge gets nothing ("AWS service events delivered via AWS CloudTrail"): it tells of the call that stops the only trail, and
// of no later one.
func (c *Cloud) cloudTrail(cl *call) (any, *awsError) {
	op, ok := operations()[cl.op]
	if !ok {
		return nil, refuse("UnknownOperationException", "the operation %s is not part of the local run", cl.op)
	}
	if !c.opts.RealTime {
		c.time.pass(callTime)
	}
	fed := c.feeds(cl)
	answer, id, failed := c.carryOut(cl, op)
	e := Entry{
		Kind: KindCall, Who: cl.who.name(), Function: cl.function(), Op: cl.op, Write: op.write, Subject: id.ARN(), Account: cl.who.Account,
		Text: inWords(cl.op, answer),
	}
	if failed != nil {
		e.Err, e.Text = failed.Code, failed.Message
	}
	event := c.record(cl, op, answer, failed)
	e.EventID = event.id
	c.keep(cl, op, event)
	c.note(e)
	c.noteWrite(cl, e)
	switch {
	case !fed && !c.feeds(cl):
	case op.write && c.dropping > 0:
		c.dropping--
		c.note(Entry{Kind: KindNote, Who: "EventBridge", Text: "the event of " + cl.op + " is lost on its way", EventID: event.id})
	default:
		c.publish(event)
	}
	return answer, failed
}

// carryOut authorizes, limits and runs the call. The trail is the one it names, as far as that can be told.
func (c *Cloud) carryOut(cl *call, op operation) (map[string]any, events.Trail, *awsError) {
	id, badName := c.named(cl, op)
	resource := id.ARN()
	if resource == "" {
		resource = "*"
	}
	for _, resource := range tagged(cl, resource) {
		action := "cloudtrail:" + cl.op
		if why, ok := c.authorize(cl.who, access{action: action, resource: resource}, nil); !ok {
			failed := refuse("AccessDeniedException", "%s", c.notAuthorized(cl, action, resource, why))
			failed.Recorded = "AccessDenied"
			return nil, id, failed
		}
	}
	if f := c.refusal(cl); f != nil {
		return nil, id, f
	}
	if !c.takeQuota(cl.who.Account, cl.region, quotaOf(cl.op, op)) {
		return nil, id, refuse("ThrottlingException", "Rate exceeded")
	}
	if badName != nil {
		return nil, id, badName
	}
	var t *trail
	if op.member != "" {
		var failed *awsError
		if t, failed = c.find(cl, op, id); failed != nil {
			return nil, id, failed
		}
		id = t.Trail
	}
	answer, failed := op.run(c, cl, t)
	if failed == nil && op.write && !c.opts.RealTime {
		if t == nil {
			t = c.trails[id.ARN()]
		}
		t.busy = c.time.Now().Add(conflictWindow)
	}
	return answer, id, failed
}

// tagged are the resources that a call needs a permission for: those whose tags are listed, or the one.
func tagged(cl *call, resource string) []string {
	list, _ := cl.params["ResourceIdList"].([]any)
	var all []string
	for _, v := range list {
		if arn, ok := v.(string); ok {
			all = append(all, arn)
		}
	}
	if len(all) == 0 {
		return []string{resource}
	}
	return all
}

// named resolves the name or ARN that the call gives.
func (c *Cloud) named(cl *call, op operation) (events.Trail, *awsError) {
	member := op.member
	if cl.op == "CreateTrail" {
		member = "Name"
	}
	if member == "" {
		return events.Trail{}, nil
	}
	given := cl.text(member)
	if strings.HasPrefix(given, "arn:") && cl.op != "CreateTrail" {
		id, err := events.ParseTrailARN(given)
		if err != nil || id.Partition != c.opts.Partition {
			return events.Trail{}, refuse("CloudTrailARNInvalidException", "Trail ARN %s is not valid.", given)
		}
		return id, nil
	}
	if !baseline.ValidName(given) {
		return events.Trail{}, refuse("InvalidTrailNameException",
			"Trail name %s is not valid: it must have 3 to 128 letters, digits, periods, underscores or dashes.", given)
	}
	if member == "ResourceId" {
		return events.Trail{}, refuse("CloudTrailARNInvalidException", "Resource %s is not an ARN.", given)
	}
	return events.Trail{Partition: c.opts.Partition, Region: cl.region, Account: cl.who.Account, Name: given}, nil
}

// find returns the trail that a call may act on.
func (c *Cloud) find(cl *call, op operation, id events.Trail) (*trail, *awsError) {
	t, state := c.known(id.ARN())
	shadow := false
	if t == nil && !strings.HasPrefix(cl.text(op.member), "arn:") {
		t, state = c.shadowed(cl, id.Name)
		shadow = t != nil
	}
	tags := op.member == "ResourceId" // the errors of AddTags and RemoveTags are others
	if tags && (t == nil || !c.mayKnow(cl.who.Account, t, state) || t.Region != cl.region) {
		return nil, refuse("ResourceNotFoundException", "Unknown resource: %s", id.ARN())
	}
	if t == nil || (shadow && !op.write) || !c.mayKnow(cl.who.Account, t, state) {
		return nil, refuse("TrailNotFoundException", "Unknown trail: %s for the user: %s", id.ARN(), cl.who.Account)
	}
	if !op.write {
		return t, nil
	}
	switch {
	case t.Account != cl.who.Account && !c.administers(cl.who.Account):
		return nil, refuse("NotOrganizationMasterAccountException", "Cannot %s trail, not master trail.", verb(cl.op))
	case t.Region != cl.region:
		return nil, refuse("InvalidHomeRegionException", "Trail %s must be changed in its home region: %s.", t.ARN(), t.Region)
	case c.time.Now().Before(t.busy):
		return nil, refuse("ConflictException", "Trail %s is being changed. Wait a few minutes and try again.", t.ARN())
	case state.on("IsOrganizationTrail") && !tags && cl.op != "PutInsightSelectors" && !c.mayManageOrganizationTrails(cl.who):
		return nil, refuse("InsufficientDependencyServiceAccessPermissionException",
			"The caller lacks the permissions of AWS Organizations and IAM that organization trails need.")
	}
	return t, nil
}

// mayManageOrganizationTrails asks for the permissions that CloudTrail needs of whoever changes an organization trail ("Prepare for
// creating a trail for your organization").
func (c *Cloud) mayManageOrganizationTrails(who Principal) bool {
	serviceRole := "arn:" + c.opts.Partition + ":iam::" + who.Account + ":role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail"
	for _, a := range []access{
		{action: "organizations:DescribeOrganization", resource: "*"},
		{action: "organizations:ListAWSServiceAccessForOrganization", resource: "*"},
		{action: "iam:GetRole", resource: serviceRole},
	} {
		if _, ok := c.authorize(who, a, nil); !ok {
			return false
		}
	}
	return true
}

func (c *Cloud) known(arn string) (*trail, trailState) {
	t, ok := c.trails[arn]
	if !ok || t.state().Deleted {
		return nil, trailState{}
	}
	return t, t.state()
}

// shadowed finds the multi-Region trail that is a shadow trail in the call's Region.
func (c *Cloud) shadowed(cl *call, name string) (*trail, trailState) {
	for _, t := range c.trails {
		if s := t.state(); t.Name == name && t.Account == cl.who.Account && !s.Deleted && s.on("IsMultiRegionTrail") {
			return t, s
		}
	}
	return nil, trailState{}
}

// mayKnow: an account knows its own trails and the organization's.
func (c *Cloud) mayKnow(account string, t *trail, s trailState) bool {
	return t.Account == account || s.on("IsOrganizationTrail")
}

func (c *Cloud) administers(account string) bool {
	if account == c.opts.ManagementAccount {
		return true
	}
	for _, a := range c.opts.DelegatedAdministrators {
		if a == account {
			return true
		}
	}
	return false
}

func verb(op string) string {
	for _, v := range []string{"Start", "Stop", "Delete", "Update"} {
		if strings.HasPrefix(op, v) {
			return strings.ToLower(v)
		}
	}
	return "update"
}

// feeds reports whether a trail that logs write management events feeds the bus of the caller's account and Region.
func (c *Cloud) feeds(cl *call) bool {
	for _, t := range c.trails {
		s := t.state()
		here := t.Region == cl.region || s.on("IsMultiRegionTrail")
		if here && c.mayKnow(cl.who.Account, t, s) && s.logsWrites() {
			return true
		}
	}
	return false
}

// inWords says what a call answered, where that is worth a line.
func inWords(op string, answer map[string]any) string {
	if op != "GetTrailStatus" || answer == nil {
		return ""
	}
	if on, _ := answer["IsLogging"].(bool); on {
		return "logging"
	}
	return "not logging"
}

// statusTime is a time as AWS JSON writes it: seconds since 1970.
func statusTime(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
