// Package reading reads trails from CloudTrail: at most six calls for one, within the account's quota, each part with
// the reason why it cannot be seen.
//
// It compares nothing, changes nothing, and takes no part that it could not read for healthy.
package reading

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/trail"
)

// Reader reads trails: at most six calls for one, and no more in a second than CloudTrail takes. A call that is
// throttled or fails is made again, up to three times in all. It is safe for concurrent use and must not be copied.
type Reader struct {
	// Client returns the API of a Region. The client must not retry by itself.
	Client func(region string) API
	Clock  clock.Clock
	// SideBySide makes the calls of one trail, and of the trails of one Region, at the same time. Otherwise they come one
	// after the other in a fixed order, with which calls are saved: none for a trail that is not there, nor for Insights
	// that are off.
	SideBySide bool
	// Emulated says that the endpoint is not AWS's own: what is no answer of CloudTrail to a call that an older CloudTrail
	// does not know then means that the server does not know it either. Of AWS's own endpoint it means an outage, and the
	// part is unseen.
	Emulated bool
	// Unknown, if set, is reported of a part that the endpoint has no operation for, in a sentence. It may be called side
	// by side.
	Unknown func(arn string, part trail.Part, sentence string)

	pace pacer
}

// Read reads one trail in its home Region. A part that cannot be read is named in State.Unseen and is no error. The
// error is ErrNotFound where CloudTrail knows no such trail; otherwise it says why not even the settings could be read,
// or what is wrong with the ARN. The state means nothing with an error.
func (r *Reader) Read(ctx context.Context, arn string) (trail.State, error) {
	t, err := events.ParseTrailARN(arn)
	if err != nil {
		return trail.State{}, fmt.Errorf("read a trail: %w", err)
	}
	o := r.observe(t.Region, trail.State{ARN: arn})
	tags := func() { r.tags(ctx, t.Region, []*observation{o}) }
	if r.SideBySide {
		r.each(func() { err = o.settings(ctx) }, o.parts(ctx), tags)
	} else if err = o.settings(ctx); err == nil {
		r.each(o.parts(ctx), tags)
	}
	if err != nil {
		return trail.State{}, err
	}
	return o.state, nil
}

// Home reads the trails whose home Region is this one, in the order of their ARNs. Those of other accounts are only
// named: an organization trail is shown in its member accounts, too, and the one of a delegated administrator belongs
// to the management account, whose shadow it counts as there (DescribeTrails, IncludeShadowTrails). Without an account,
// every trail is read. The error says why the trails could not be listed.
func (r *Reader) Home(ctx context.Context, region, account string) (own []trail.State, foreign []string, err error) {
	list, err := r.describeWith(ctx, region, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
	if err != nil {
		return nil, nil, &readError{"list the trails of " + region + ": " + why(permission(trail.PartSettings), err), err}
	}
	var all []*observation
	for _, found := range list {
		t, err := events.ParseTrailARN(aws.ToString(found.TrailARN))
		switch {
		case err != nil || t.Region != region: // a shadow trail: its home Region shows it
		case account != "" && t.Account != account:
			foreign = append(foreign, t.ARN())
		default:
			o := r.observe(region, trail.State{ARN: t.ARN(), Settings: trail.SettingsOf(found)})
			o.described = &found
			all = append(all, o)
		}
	}
	steps := []func(){func() { r.tags(ctx, region, all) }}
	for _, o := range all {
		steps = append(steps, o.parts(ctx))
	}
	r.each(steps...)
	for _, o := range all {
		own = append(own, o.state)
	}
	slices.SortFunc(own, func(a, b trail.State) int { return strings.Compare(a.ARN, b.ARN) })
	slices.Sort(foreign)
	return own, foreign, nil
}

// List names the trails that a Region shows, in the order of their ARNs: those whose home Region it is, and those of
// other Regions and accounts that record in it as well. The error says why they could not be listed.
func (r *Reader) List(ctx context.Context, region string) ([]string, error) {
	list, err := r.describeWith(ctx, region, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
	if err != nil {
		return nil, &readError{
			"the trails of " + region + " could not be listed: " + why(permission(trail.PartSettings), err),
			err,
		}
	}
	var arns []string
	for _, found := range list {
		if t, err := events.ParseTrailARN(aws.ToString(found.TrailARN)); err == nil {
			arns = append(arns, t.ARN())
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns), nil
}

// each runs the steps side by side or one after the other.
func (r *Reader) each(steps ...func()) {
	var wg sync.WaitGroup
	for _, step := range steps {
		if r.SideBySide {
			wg.Go(step)
		} else {
			step()
		}
	}
	wg.Wait()
}

// call makes one call in a Region when the quota has room for it. Its retries count for the quota, too, but do not wait
// for it: they come after a pause of their own.
func (r *Reader) call(ctx context.Context, region string, call func(context.Context) error) error {
	if wait := r.pace.reserve(region, r.Clock.Now()); wait > 0 {
		if err := r.Clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
	again := false
	return awscall.Do(ctx, r.Clock, func(ctx context.Context) error {
		if again {
			r.pace.reserve(region, r.Clock.Now())
		}
		again = true
		return call(ctx)
	})
}

func (r *Reader) describeWith(
	ctx context.Context,
	region string,
	in *cloudtrail.DescribeTrailsInput,
) ([]types.Trail, error) {
	var list []types.Trail
	err := r.call(ctx, region, func(ctx context.Context) error {
		out, err := r.Client(region).DescribeTrails(ctx, in)
		if err == nil {
			list = out.TrailList
		}
		return err
	})
	if awscall.Code(err) == "TrailNotFound" {
		return nil, nil
	}
	return list, err
}
