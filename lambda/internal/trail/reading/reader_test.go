package reading

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/trail"
)

const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"

const homeARN = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"

// answerFunc answers one call: in is the SDK's input. A nil answer is an empty one.
type answerFunc func(op string, in any) (any, error)

func answer[T any](f answerFunc, op string, in any) (*T, error) {
	out, err := f(op, in)
	if typed, ok := out.(*T); ok {
		return typed, err
	}
	return new(T), err
}

func (f answerFunc) DescribeTrails(
	_ context.Context,
	in *cloudtrail.DescribeTrailsInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.DescribeTrailsOutput, error) {
	return answer[cloudtrail.DescribeTrailsOutput](f, "DescribeTrails", in)
}

func (f answerFunc) GetTrailStatus(
	_ context.Context,
	in *cloudtrail.GetTrailStatusInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.GetTrailStatusOutput, error) {
	return answer[cloudtrail.GetTrailStatusOutput](f, "GetTrailStatus", in)
}

func (f answerFunc) GetEventSelectors(
	_ context.Context,
	in *cloudtrail.GetEventSelectorsInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.GetEventSelectorsOutput, error) {
	return answer[cloudtrail.GetEventSelectorsOutput](f, "GetEventSelectors", in)
}

func (f answerFunc) GetInsightSelectors(
	_ context.Context,
	in *cloudtrail.GetInsightSelectorsInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.GetInsightSelectorsOutput, error) {
	return answer[cloudtrail.GetInsightSelectorsOutput](f, "GetInsightSelectors", in)
}

func (f answerFunc) GetEventConfiguration(
	_ context.Context,
	in *cloudtrail.GetEventConfigurationInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.GetEventConfigurationOutput, error) {
	return answer[cloudtrail.GetEventConfigurationOutput](f, "GetEventConfiguration", in)
}

func (f answerFunc) ListTags(
	_ context.Context,
	in *cloudtrail.ListTagsInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.ListTagsOutput, error) {
	return answer[cloudtrail.ListTagsOutput](f, "ListTags", in)
}

// fakeCloud answers like CloudTrail in eu-west-1, and notes the calls.
type fakeCloud struct {
	mu     sync.Mutex
	trails []types.Trail
	fail   map[string]error // by operation
	tags   func(*cloudtrail.ListTagsInput) (*cloudtrail.ListTagsOutput, error)
	calls  []string
	waited []time.Duration
}

func (f *fakeCloud) answer(op string, in any) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, op)
	if err := f.fail[op]; err != nil {
		return nil, err
	}
	switch op {
	case "DescribeTrails":
		return f.describe(in), nil
	case "GetTrailStatus":
		return &cloudtrail.GetTrailStatusOutput{
			IsLogging:           aws.Bool(true),
			LatestDeliveryError: aws.String("NoSuchBucket"),
		}, nil
	case "GetEventSelectors":
		return &cloudtrail.GetEventSelectorsOutput{EventSelectors: []types.EventSelector{{
			ExcludeManagementEventSources: []string{"rdsdata.amazonaws.com", "kms.amazonaws.com"},
			DataResources: []types.DataResource{
				{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3:::b/", "arn:aws:s3:::a/"}},
				{Type: aws.String("AWS::Lambda::Function"), Values: []string{"arn:aws:lambda"}},
			},
		}}}, nil
	case "GetInsightSelectors":
		return &cloudtrail.GetInsightSelectorsOutput{InsightSelectors: []types.InsightSelector{
			{
				InsightType:     types.InsightTypeApiErrorRateInsight,
				EventCategories: []types.SourceEventCategory{"Management", "Data"},
			},
			{InsightType: types.InsightTypeApiCallRateInsight},
		}}, nil
	case "GetEventConfiguration":
		return &cloudtrail.GetEventConfigurationOutput{MaxEventSize: types.MaxEventSizeLarge}, nil
	case "ListTags":
		tags, _ := in.(*cloudtrail.ListTagsInput)
		if f.tags != nil {
			return f.tags(tags)
		}
		return tagged(tags.ResourceIdList...), nil
	}
	return nil, nil
}

func (f *fakeCloud) describe(in any) *cloudtrail.DescribeTrailsOutput {
	wanted, _ := in.(*cloudtrail.DescribeTrailsInput)
	out := &cloudtrail.DescribeTrailsOutput{}
	for _, t := range f.trails {
		if len(wanted.TrailNameList) == 0 || slices.Contains(wanted.TrailNameList, *t.TrailARN) {
			out.TrailList = append(out.TrailList, t)
		}
	}
	return out
}

func tagged(arns ...string) *cloudtrail.ListTagsOutput {
	out := &cloudtrail.ListTagsOutput{}
	for _, arn := range arns {
		out.ResourceTagList = append(
			out.ResourceTagList,
			types.ResourceTag{ResourceId: aws.String(arn), TagsList: []types.Tag{
				{Key: aws.String("trail"), Value: aws.String(arn[strings.LastIndex(arn, "/")+1:])},
				{Key: aws.String("aws:cloudformation:stack-name"), Value: aws.String("logs")},
			}},
		)
	}
	return out
}

func (f *fakeCloud) reader(sideBySide bool) *Reader {
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	return &Reader{
		Client:     func(string) API { return answerFunc(f.answer) },
		SideBySide: sideBySide,
		Clock: clock.Clock{
			Now: func() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return now },
			Sleep: func(_ context.Context, d time.Duration) error {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.waited, now = append(f.waited, d), now.Add(d)
				return nil
			},
		},
	}
}

func trailIn(arn string) types.Trail {
	return types.Trail{
		TrailARN:                   aws.String(arn),
		S3BucketName:               aws.String("logs"),
		SnsTopicARN:                aws.String("arn:aws:sns:eu-west-1:111122223333:topic"),
		IsMultiRegionTrail:         aws.Bool(true),
		IncludeGlobalServiceEvents: aws.Bool(true),
		HasInsightSelectors:        aws.Bool(true),
	}
}

func apiError(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message}
}

func wantState(arn string) trail.State {
	return trail.State{
		ARN:      arn,
		Logging:  true,
		Delivery: trail.Delivery{LatestError: "NoSuchBucket"},
		Settings: trail.Settings{
			S3Bucket:     "logs",
			SNSTopicARN:  "arn:aws:sns:eu-west-1:111122223333:topic",
			MultiRegion:  true,
			GlobalEvents: true,
		},
		Selectors: []trail.Selector{{
			ReadWrite:      "All",
			Management:     true,
			ExcludeSources: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"},
			DataResources: []trail.DataResource{
				{Type: "AWS::Lambda::Function", Values: []string{"arn:aws:lambda"}},
				{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3:::a/", "arn:aws:s3:::b/"}},
			},
		}},
		Insights: []trail.InsightSelector{
			{Type: "ApiCallRateInsight"},
			{Type: "ApiErrorRateInsight", Categories: []string{"Data", "Management"}},
		},
		Events: trail.EventConfiguration{MaxEventSize: "Large"},
		Tags:   map[string]string{"trail": arn[strings.LastIndex(arn, "/")+1:]},
	}
}

func TestRead(t *testing.T) {
	for _, sideBySide := range []bool{false, true} {
		f := &fakeCloud{trails: []types.Trail{trailIn(homeARN)}}
		got, err := f.reader(sideBySide).Read(t.Context(), homeARN)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantState(homeARN), got); diff != "" {
			t.Errorf("side by side %t (-want +got):\n%s", sideBySide, diff)
		}
		if len(f.calls) != 6 || len(f.waited) > 0 {
			t.Errorf("calls %v, waited %v; want six and no wait", f.calls, f.waited)
		}
	}
}

// A part that cannot be read is named, and the rest is read.
func TestReadNamesWhatItCannotSee(t *testing.T) {
	const refusal = "User: arn:aws:iam::111122223333:user/x is not authorized to perform: cloudtrail:ListTags"
	for name, tt := range map[string]struct {
		op    string
		err   error
		part  trail.Part
		want  string
		calls int
	}{
		"denied": {
			"GetEventSelectors", apiError("AccessDeniedException", refusal), trail.PartSelectors,
			"The event selectors may not be read: the permission cloudtrail:GetEventSelectors is missing.", 6,
		},
		"denied by policy": {"ListTags", apiError("AccessDenied", refusal+" with an explicit deny in a service control "+
			"policy"), trail.PartTags, "The tags may not be read: a policy denies cloudtrail:ListTags.", 6},
		"throttled": {
			"GetInsightSelectors", apiError("ThrottlingException", "Rate exceeded"), trail.PartInsights,
			"The Insights selectors could not be read: CloudTrail throttled GetInsightSelectors; others in the account use " +
				"up its ten calls a second.",
			8,
		},
		"failing": {
			"GetTrailStatus", &smithy.GenericAPIError{Code: "InternalFailure", Fault: smithy.FaultServer}, trail.PartLogging,
			"The logging status could not be read: CloudTrail failed GetTrailStatus with InternalFailure.", 8,
		},
		"unreachable": {
			"GetTrailStatus", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, trail.PartLogging,
			"The logging status could not be read: CloudTrail could not be reached for GetTrailStatus; check the network " +
				"and the endpoint settings.",
			8,
		},
		"late": {"GetTrailStatus", context.DeadlineExceeded, trail.PartLogging, "The logging status could not be " +
			"read: CloudTrail did not answer GetTrailStatus in time.", 8},
		"no credentials": {
			"GetTrailStatus", errors.New("https://example.com/SECRET"), trail.PartLogging,
			"The logging status could not be read: GetTrailStatus could not be made; check the credentials and the " +
				"endpoint settings.",
			6,
		},
		"gone meanwhile": {
			"GetTrailStatus", apiError("TrailNotFoundException", "x"), trail.PartLogging,
			"The logging status could not be read: GetTrailStatus knows no such trail.", 6,
		},
		"hostile": {
			"GetEventConfiguration", apiError("OddException", "a\n\u202e"+strings.Repeat("long ", 500)), trail.PartEvents,
			"The event configuration could not be read: CloudTrail refused GetEventConfiguration with Odd: a long", 6,
		},
	} {
		for _, sideBySide := range []bool{false, true} {
			f := &fakeCloud{trails: []types.Trail{trailIn(homeARN)}, fail: map[string]error{tt.op: tt.err}}
			got, err := f.reader(sideBySide).Read(t.Context(), homeARN)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			reason := got.Unseen[tt.part]
			if !strings.HasPrefix(reason, tt.want) || utf8.RuneCountInString(reason) > maxReason ||
				strings.ContainsAny(reason, "\n\u202e") {
				t.Errorf("%s: unseen for %q; want %q", name, reason, tt.want)
			}
			if len(got.Unseen) != 1 || len(f.calls) != tt.calls {
				t.Errorf("%s: unseen %v after %d calls; want one part after %d", name, got.Unseen, len(f.calls), tt.calls)
			}
		}
	}
}

func TestReadWithoutWhatIsOff(t *testing.T) {
	for _, code := range []string{"UnknownOperationException", "UnsupportedOperationException"} {
		f := &fakeCloud{trails: []types.Trail{trailIn(homeARN)}, fail: map[string]error{
			"GetInsightSelectors": apiError("InsightNotEnabledException", "x"), "GetEventConfiguration": apiError(code, "x"),
		}}
		want := wantState(homeARN)
		want.Insights, want.Events = nil, trail.EventConfiguration{}
		got, err := f.reader(true).Read(t.Context(), homeARN)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", code, err, diff)
		}
	}
	f := &fakeCloud{trails: []types.Trail{trailIn(homeARN)}}
	f.trails[0].HasInsightSelectors = aws.Bool(false)
	if _, err := f.reader(
		false,
	).Read(
		t.Context(),
		homeARN,
	); err != nil ||
		slices.Contains(f.calls, "GetInsightSelectors") {
		t.Errorf("calls %v, %v: DescribeTrails had said that Insights are off", f.calls, err)
	}
}

func TestReadNotFound(t *testing.T) {
	unknown := apiError("TrailNotFoundException", "Unknown trail")
	for name, f := range map[string]*fakeCloud{
		"not listed": {},
		"refused":    {fail: map[string]error{"DescribeTrails": unknown, "GetTrailStatus": unknown}},
	} {
		for _, sideBySide := range []bool{false, true} {
			got, err := f.reader(sideBySide).Read(t.Context(), homeARN)
			if !errors.Is(err, trail.ErrNotFound) || !strings.Contains(err.Error(), homeARN) || got.ARN != "" {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	}
	if _, err := (&fakeCloud{}).reader(
		false,
	).Read(
		t.Context(),
		"management-events",
	); err == nil ||
		errors.Is(err, trail.ErrNotFound) {
		t.Errorf("a bare name: %v", err)
	}
}

func TestReadWithoutSettings(t *testing.T) {
	throttled := apiError("ThrottlingException", "Rate exceeded")
	for _, sideBySide := range []bool{false, true} {
		f := &fakeCloud{trails: []types.Trail{trailIn(homeARN)}, fail: map[string]error{"DescribeTrails": throttled}}
		got, err := f.reader(sideBySide).Read(t.Context(), homeARN)
		const want = "The settings could not be read: CloudTrail throttled DescribeTrails; others in the account use up " +
			"its ten calls a second."
		if !errors.Is(err, throttled) || errors.Is(err, trail.ErrNotFound) || err.Error() != want || got.ARN != "" {
			t.Errorf("%+v, %v; want %s", got, err, want)
		}
	}
}

func TestHome(t *testing.T) {
	const second, foreign = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/archive",
		"arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization"
	const shadow = "arn:aws:cloudtrail:us-east-1:111122223333:trail/elsewhere"
	for _, sideBySide := range []bool{false, true} {
		f := &fakeCloud{trails: []types.Trail{trailIn(homeARN), trailIn(foreign), trailIn(shadow), trailIn(second)}}
		own, others, err := f.reader(sideBySide).Home(t.Context(), "eu-west-1", "111122223333")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]trail.State{wantState(second), wantState(homeARN)}, own); diff != "" {
			t.Errorf("own (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{foreign}, others); diff != "" {
			t.Errorf("foreign (-want +got):\n%s", diff)
		}
		if len(f.calls) != 2+2*4 {
			t.Errorf("%d calls: %v; want one for all settings, one for all tags and four for each trail", len(f.calls), f.calls)
		}
	}
	f := &fakeCloud{fail: map[string]error{"DescribeTrails": apiError("AccessDenied", "x")}}
	_, _, err := f.reader(false).Home(t.Context(), "eu-west-1", "")
	if err == nil || err.Error() != "list the trails of eu-west-1: the permission cloudtrail:DescribeTrails is missing" {
		t.Errorf("got %v", err)
	}
}

// Twenty trails go into one call for tags; one that is gone meanwhile does not hide the tags of the others; a next page
// is asked for. TestList names what a Region shows, shadows and foreign trails included.
func TestList(t *testing.T) {
	f := &fakeCloud{trails: []types.Trail{
		{TrailARN: aws.String("arn:aws:cloudtrail:us-east-1:111122223333:trail/shadow"), HomeRegion: aws.String("us-east-1")},
		{TrailARN: aws.String(arn), HomeRegion: aws.String("eu-west-1")},
		{TrailARN: aws.String("arn:aws:cloudtrail:eu-west-1:444455556666:trail/org"), HomeRegion: aws.String("eu-west-1")},
		{TrailARN: aws.String("no ARN")},
	}}
	got, err := f.reader(false).List(t.Context(), "eu-west-1")
	want := []string{
		arn, "arn:aws:cloudtrail:eu-west-1:444455556666:trail/org", "arn:aws:cloudtrail:us-east-1:111122223333:trail/shadow",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	f.fail = map[string]error{
		"DescribeTrails": &smithy.GenericAPIError{
			Code:    "AccessDeniedException",
			Message: "no identity-based policy allows it",
		},
	}
	if _, err := f.reader(
		false,
	).List(
		t.Context(),
		"eu-west-1",
	); err == nil ||
		!strings.Contains(err.Error(), "the trails of eu-west-1 could not be listed") {
		t.Errorf("%v", err)
	}
}

func TestTags(t *testing.T) {
	var all []types.Trail
	for i := range 23 {
		all = append(all, trailIn(fmt.Sprintf("arn:aws:cloudtrail:eu-west-1:111122223333:trail/trail-%02d", i)))
	}
	gone := *all[3].TrailARN
	var batches []int
	f := &fakeCloud{trails: all, tags: func(in *cloudtrail.ListTagsInput) (*cloudtrail.ListTagsOutput, error) {
		batches = append(batches, len(in.ResourceIdList))
		switch {
		case slices.Contains(in.ResourceIdList, gone):
			return nil, apiError("ResourceNotFoundException", "x")
		case len(in.ResourceIdList) == 3 && in.NextToken == nil:
			out := tagged(in.ResourceIdList[:1]...)
			out.NextToken = aws.String("2")
			return out, nil
		case len(in.ResourceIdList) == 3:
			return tagged(in.ResourceIdList[1:]...), nil
		}
		return tagged(in.ResourceIdList...), nil
	}}
	own, _, err := f.reader(false).Home(t.Context(), "eu-west-1", "111122223333")
	if err != nil || len(own) != len(all) {
		t.Fatalf("%d trails, %v", len(own), err)
	}
	for _, s := range own {
		if s.ARN == gone {
			if s.Unseen[trail.PartTags] != "The tags could not be read: ListTags knows no such trail." {
				t.Errorf("%s: unseen %v", s.ARN, s.Unseen)
			}
			continue
		}
		if diff := cmp.Diff(wantState(s.ARN), s); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.ARN, diff)
		}
	}
	if want := append(append([]int{20}, slices.Repeat([]int{1}, 20)...), 3, 3); !slices.Equal(batches, want) {
		t.Errorf("batches %v, want %v", batches, want)
	}
	if total := len(f.calls); sum(f.waited) < time.Duration(total/maxReads-1)*time.Second {
		t.Errorf("%d calls after waiting %v", total, sum(f.waited))
	}
}

func sum(all []time.Duration) (total time.Duration) {
	for _, d := range all {
		total += d
	}
	return total
}

// What ends meanwhile is not waited for.
func TestReadEndsWithItsContext(t *testing.T) {
	f := &fakeCloud{trails: []types.Trail{trailIn(homeARN)}}
	r := f.reader(false)
	r.Clock.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
	if _, err := r.Read(t.Context(), homeARN); err != nil {
		t.Fatal(err)
	}
	got, err := r.Read(t.Context(), homeARN)
	if err != nil || got.Unseen[trail.PartTags] != "The tags could not be read: ListTags was canceled." ||
		len(f.calls) != maxReads {
		t.Errorf("unseen %v, %v after %d calls", got.Unseen, err, len(f.calls))
	}
}

// answered is an answer of an endpoint with a status, and a code where it is one of CloudTrail's.
func answered(status int, code string) error {
	var err error = &smithy.DeserializationError{Err: errors.New("no JSON")}
	if code != "" {
		err = apiError(code, "x")
	}
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
		Err:      err,
	}
}

// TestEndpointWithoutEventConfiguration: an endpoint that does not know the operation has nothing to configure; one
// that fails, denies or throttles may. Only of an emulator an answer of any failing status says so.
func TestEndpointWithoutEventConfiguration(t *testing.T) {
	for name, tt := range map[string]struct {
		err           error
		aws, emulated bool // counts as not known
		said          string
	}{
		"unknown operation":     {answered(400, "UnknownOperationException"), true, true, "UnknownOperation"},
		"unsupported operation": {answered(400, "UnsupportedOperationException"), true, true, "UnsupportedOperation"},
		"without the ending":    {answered(400, "UnknownOperation"), true, true, "UnknownOperation"},
		"an invalid action":     {answered(400, "InvalidAction"), true, true, "InvalidAction"},
		"not implemented":       {answered(501, "InternalFailure"), true, true, "InternalFailure"},
		"501":                   {answered(501, ""), true, true, "HTTP status 501"},
		"400":                   {answered(400, ""), true, true, "HTTP status 400"},
		"404":                   {answered(404, ""), true, true, "HTTP status 404"},
		"404, an unknown error": {answered(404, "UnknownError"), true, true, "UnknownError"},
		"405":                   {answered(405, ""), true, true, "HTTP status 405"},
		"500":                   {answered(500, ""), false, true, "HTTP status 500"},
		"503":                   {answered(503, ""), false, true, "HTTP status 503"},
		"429":                   {answered(429, ""), false, false, ""},
		"403":                   {answered(403, ""), false, false, ""},
		"a failure":             {answered(500, "InternalFailure"), false, false, ""},
		"denied":                {answered(400, "AccessDeniedException"), false, false, ""},
		"throttled":             {answered(400, "ThrottlingException"), false, false, ""},
		"not permitted":         {answered(400, "OperationNotPermittedException"), false, false, ""},
		"no such trail":         {answered(404, "TrailNotFoundException"), false, false, ""},
		"not reached":           {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, false, false, ""},
	} {
		for _, emulated := range []bool{false, true} {
			want := map[bool]bool{false: tt.aws, true: tt.emulated}[emulated]
			f := &fakeCloud{trails: []types.Trail{trailIn(homeARN)}, fail: map[string]error{"GetEventConfiguration": tt.err}}
			r := f.reader(false)
			r.Emulated = emulated
			var reported []string
			r.Unknown = func(arn string, part trail.Part, sentence string) {
				reported = append(reported, arn+" "+string(part)+" "+sentence)
			}
			got, err := r.Read(t.Context(), homeARN)
			if err != nil || (got.Unseen[trail.PartEvents] == "") != want || (len(reported) == 1) != want {
				t.Errorf(
					"%s, emulated %v: unseen %v, told %q, %v; want it known as unknown: %v",
					name,
					emulated,
					got.Unseen,
					reported,
					err,
					want,
				)
			}
			sentence := homeARN + " event configuration The endpoint does not know " +
				"GetEventConfiguration (" + tt.said + "): the event configuration counts as not set."
			if want && len(reported) == 1 && reported[0] != sentence {
				t.Errorf("%s: %s", name, reported[0])
			}
		}
	}
	// What else CloudTrail has always known is unseen, whatever an endpoint says of it.
	f := &fakeCloud{
		trails: []types.Trail{trailIn(homeARN)},
		fail:   map[string]error{"GetEventSelectors": answered(400, "UnknownOperationException")},
	}
	if got, err := f.reader(false).Read(t.Context(), homeARN); err != nil || got.Unseen[trail.PartSelectors] == "" {
		t.Errorf("%v, %v", got.Unseen, err)
	}
}
