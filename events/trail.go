package events

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Trail identifies a trail by the parts of its ARN. Region is its home Region: the only one where StartLogging and its relatives work.
type Trail struct {
	Partition string // "aws", "aws-cn", "aws-us-gov", …
	Region    string
	Account   string
	Name      string
}

// ErrNoTrail says that a record names no trail: it is about something else, or a refusal that does not say.
var ErrNoTrail = errors.New("the record names no trail")

var (
	// CreateTrail API reference, Name: 3 to 128 letters, digits, periods, underscores or dashes, starting with a letter or digit.
	trailName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{2,127}$`)
	trailARN  = regexp.MustCompile(`^arn:(aws[a-z-]*):cloudtrail:([a-z0-9-]{2,32}):([0-9]{12}):trail/(.+)$`)
	// anyTrailARN finds a trail's ARN in the text of an error message.
	anyTrailARN = regexp.MustCompile(`arn:aws[a-z-]*:cloudtrail:[a-z0-9-]{2,32}:[0-9]{12}:trail/[A-Za-z0-9][A-Za-z0-9._-]{2,127}`)
	accountID   = regexp.MustCompile(`^[0-9]{12}$`)
	regionName  = regexp.MustCompile(`^[a-z0-9-]{2,32}$`)
)

// ARN returns the trail's ARN, or "" for the zero Trail.
func (t Trail) ARN() string {
	if t == (Trail{}) {
		return ""
	}
	return "arn:" + t.Partition + ":cloudtrail:" + t.Region + ":" + t.Account + ":trail/" + t.Name
}

// ParseTrailARN parses a trail's ARN. It accepts every partition and refuses what the CloudTrail API would refuse as a name.
func ParseTrailARN(arn string) (Trail, error) {
	m := trailARN.FindStringSubmatch(arn)
	if m == nil || !trailName.MatchString(m[4]) {
		return Trail{}, fmt.Errorf("%.200q is no trail ARN (want arn:PARTITION:cloudtrail:REGION:ACCOUNT:trail/NAME)", arn)
	}
	return Trail{Partition: m[1], Region: m[2], Account: m[3], Name: m[4]}, nil
}

// ResolveTrail makes a Trail of what a caller wrote, a bare name or an ARN, and of the Region and account in which the call was
// recorded. The partition of a bare name is the Region's; hint is any other ARN of the record and serves where the Region is unknown.
func ResolveTrail(nameOrARN, region, account, hint string) (Trail, error) {
	if strings.HasPrefix(nameOrARN, "arn:") {
		return ParseTrailARN(nameOrARN)
	}
	switch {
	case nameOrARN == "":
		return Trail{}, ErrNoTrail
	case !trailName.MatchString(nameOrARN):
		return Trail{}, fmt.Errorf("%.200q is no trail name (want 3 to 128 letters, digits, '.', '_' or '-')", nameOrARN)
	case !regionName.MatchString(region):
		return Trail{}, fmt.Errorf("trail %s: %.60q is no Region", nameOrARN, region)
	case !accountID.MatchString(account):
		return Trail{}, fmt.Errorf("trail %s: %.60q is no account ID", nameOrARN, account)
	}
	return Trail{Partition: partitionOf(region, hint), Region: region, Account: account, Name: nameOrARN}, nil
}

// Trail says which trail the record is about, from the surest source to the weakest: the ARN that AWS answered, the name or ARN in
// the request, and, for a refused call without parameters, the ARN in the error message.
//
// The error is ErrNoTrail where the record names none, and otherwise says what was wrong with the name.
func (e Event) Trail() (Trail, error) {
	r := e.Record
	region, account := firstOf(r.Region, e.Region), firstOf(r.RecipientAccountID, e.Account, r.Identity.AccountID)
	if r.ResponseTrailARN != "" {
		if t, err := ParseTrailARN(r.ResponseTrailARN); err == nil {
			return t, nil
		}
	}
	p := r.RequestParameters
	name := firstOf(p.Text("name"), p.Text("trailName"))
	if name == "" {
		if id := p.Text("resourceId"); strings.Contains(id, ":trail/") {
			name = id
		}
	}
	if name != "" {
		return ResolveTrail(name, region, account, r.Identity.ARN)
	}
	if arn := anyTrailARN.FindString(r.ErrorMessage); arn != "" {
		return ParseTrailARN(strings.TrimRight(arn, ".")) // a full stop ends the sentence, not the name
	}
	return Trail{}, ErrNoTrail
}

// partitions lists the Region name patterns of the AWS partitions, as in the SDK's endpoint rules (partitions.json).
var partitions = []struct {
	id      string
	regions *regexp.Regexp
}{
	{"aws-us-gov", regexp.MustCompile(`^us-gov-[a-z]+-\d+$`)},
	{"aws-cn", regexp.MustCompile(`^cn-[a-z]+-\d+$`)},
	{"aws-iso", regexp.MustCompile(`^us-iso-[a-z]+-\d+$`)},
	{"aws-iso-b", regexp.MustCompile(`^us-isob-[a-z]+-\d+$`)},
	{"aws-iso-e", regexp.MustCompile(`^eu-isoe-[a-z]+-\d+$`)},
	{"aws-iso-f", regexp.MustCompile(`^us-isof-[a-z]+-\d+$`)},
	{"aws-eusc", regexp.MustCompile(`^eusc-[a-z]+-[a-z]+-\d+$`)},
	{"aws", regexp.MustCompile(`^[a-z]{2}-[a-z]+-\d+$`)},
}

// PartitionOf returns the partition that a Region belongs to, by its name, and false for a name of no known form.
func PartitionOf(region string) (string, bool) {
	for _, p := range partitions {
		if p.regions.MatchString(region) {
			return p.id, true
		}
	}
	return "", false
}

func partitionOf(region, hint string) string {
	if p, ok := PartitionOf(region); ok {
		return p
	}
	if parts := strings.SplitN(hint, ":", 3); len(parts) == 3 && parts[0] == "arn" && strings.HasPrefix(parts[1], "aws") {
		return parts[1]
	}
	return "aws"
}
