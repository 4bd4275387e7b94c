package baseline

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/internal/trail/reading"
	"trailkeeper/lambda/trailkeeper/cli"
)

// account is the operator's side of AWS: credentials, and a reader of trails.
type account struct {
	reader *reading.Reader
	cfg    aws.Config
	region string // the profile's; may be empty
	id     string // where the credentials tell it

	mu      sync.Mutex
	unknown map[string]string
}

// open finds the operator's credentials as the AWS CLI does.
func (f *options) open(ctx context.Context) (*account, error) {
	cfg, err := f.operator.Load(ctx, 1) // the reader retries
	if err != nil {
		return nil, err
	}
	if cfg.Region == "" && len(f.regions) > 0 {
		cfg.Region = f.regions[0] // for what finds the credentials
	}
	credentials, err := cli.Credentials(ctx, cfg)
	if err != nil {
		return nil, err
	}
	clients := &clients{cfg: cfg, of: make(map[string]*cloudtrail.Client)}
	a := &account{cfg: cfg, region: cfg.Region, id: credentials.AccountID}
	a.reader = &reading.Reader{
		Client:     clients.in,
		Clock:      clock.Real(),
		SideBySide: true,
		Unknown:    a.noteUnknown,
		Emulated:   cloudtrail.NewFromConfig(cfg).Options().BaseEndpoint != nil, // AWS_ENDPOINT_URL and its kin
	}
	return a, nil
}

// noteUnknown keeps what the endpoint has no operation for, by the trail's ARN.
func (a *account) noteUnknown(arn string, _ trail.Part, sentence string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.unknown == nil {
		a.unknown = make(map[string]string)
	}
	a.unknown[arn] = sentence
}

// clients keeps one client for each Region.
type clients struct {
	cfg aws.Config
	mu  sync.Mutex
	of  map[string]*cloudtrail.Client
}

func (c *clients) in(region string) reading.API {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of[region] == nil {
		cfg := c.cfg.Copy()
		cfg.Region = region
		c.of[region] = cloudtrail.NewFromConfig(cfg)
	}
	return c.of[region]
}

// sighting is what was found of one trail; err says why nothing was.
type sighting struct {
	trail   events.Trail
	state   trail.State
	foreign bool // another account's: not read
	err     error
}

// search is what find found. Missing lists the names that no Region has, unlisted why a Region could not be looked
// through.
type search struct {
	found    []sighting
	missing  []string
	unlisted []error
}

// find reads the trails that the flags name: those given by ARN in their home Regions, all others in the Regions of the
// flags or the profile. The error says that there is no Region to look in.
func (a *account) find(ctx context.Context, trails, regions []string) (s search, err error) {
	var bare []string
	for _, given := range trails {
		t, err := events.ParseTrailARN(given)
		if err != nil {
			bare = append(bare, given)
			continue
		}
		state, err := a.read(ctx, given)
		s.found = append(s.found, sighting{trail: t, state: state, err: err})
	}
	if len(trails) > 0 && len(bare) == 0 {
		return s, nil
	}
	if len(regions) == 0 {
		regions = []string{a.region}
	}
	if regions[0] == "" {
		return s, cli.NoRegion()
	}
	met := make(map[string]bool)
	for _, region := range slices.Compact(slices.Sorted(slices.Values(regions))) {
		some, err := a.home(ctx, region)
		if err != nil {
			s.unlisted = append(s.unlisted, err)
		}
		for _, one := range some {
			if met[one.trail.Name] = true; len(bare) == 0 || slices.Contains(bare, one.trail.Name) {
				s.found = append(s.found, one)
			}
		}
	}
	s.missing = slices.DeleteFunc(bare, func(name string) bool { return met[name] })
	return s, nil
}

// read reads one trail. The error is trail.ErrNotFound; where not even the settings can be read, every part is unseen
// for that reason.
func (a *account) read(ctx context.Context, arn string) (trail.State, error) {
	s, err := a.reader.Read(ctx, arn)
	if err == nil || isGone(err) {
		return s, err
	}
	s = trail.State{ARN: arn, Unseen: make(map[trail.Part]string)}
	for _, part := range []trail.Part{
		trail.PartSettings, trail.PartLogging, trail.PartSelectors, trail.PartInsights, trail.PartEvents, trail.PartTags,
	} {
		s.Unseen[part] = err.Error()
	}
	return s, nil
}

// home reads the trails of a Region. Where the credentials do not tell the account, it is the one that owns a trail
// that is no organization trail: an account sees the organization's trails, too, but nobody else's own.
func (a *account) home(ctx context.Context, region string) ([]sighting, error) {
	own, foreign, err := a.reader.Home(ctx, region, a.id)
	if err != nil {
		return nil, err
	}
	id := a.id
	for _, s := range own {
		if owner, _, err := s.Home(); err == nil && id == "" && !s.Settings.Organization {
			id = owner
		}
	}
	var found []sighting
	for _, s := range own {
		t, err := events.ParseTrailARN(s.ARN)
		found = append(found, sighting{
			trail:   t,
			state:   s,
			foreign: id != "" && t.Account != id,
			err:     err,
		})
	}
	for _, arn := range foreign {
		t, err := events.ParseTrailARN(arn)
		found = append(found, sighting{trail: t, foreign: true, err: err})
	}
	slices.SortStableFunc(found, func(x, y sighting) int { return strings.Compare(x.trail.ARN(), y.trail.ARN()) })
	return found, nil
}

// isGone reports whether the trail does not exist.
func isGone(err error) bool { return errors.Is(err, trail.ErrNotFound) }
