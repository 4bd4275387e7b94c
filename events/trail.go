package events

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Trail identifies a trail by the parts of its ARN. Region is its home Region: the only one where StartLogging and its
// relatives work.
type Trail struct {
	Partition string // "aws", "aws-cn", "aws-us-gov", …
	Region    string
	Account   string
	Name      string
}

// errNoTrail says that a record names no trail: it is about something else, or a refusal that does not say.
var errNoTrail = errors.New("the record names no trail")

// anyTrailARN finds a trail's ARN in the text of an error message. It is compiled when the first refused call needs it:
// a function that starts to restart a trail must not wait for it.
var anyTrailARN = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`arn:aws[a-z-]*:cloudtrail:[a-z0-9-]{2,32}:[0-9]{12}:trail/[A-Za-z0-9][A-Za-z0-9._-]{2,127}`)
})

// ARN returns the trail's ARN, or "" for the zero Trail.
func (t Trail) ARN() string {
	if t == (Trail{}) {
		return ""
	}
	return t.Place().ARN("cloudtrail", "trail/"+t.Name)
}

// Place is where the trail is.
func (t Trail) Place() Place { return Place{t.Partition, t.Region, t.Account} }

// ParseTrailARN parses a trail's ARN. It accepts every partition and refuses what the CloudTrail API would refuse as a
// name.
func ParseTrailARN(arn string) (Trail, error) {
	a, err := ParseARN(arn)
	if name, ok := a.Name(formTrail); err == nil && ok {
		return Trail{a.Partition, a.Region, a.Account, name}, nil
	}
	return Trail{}, fmt.Errorf("%.200q is no trail ARN (want arn:PARTITION:cloudtrail:REGION:ACCOUNT:trail/NAME)", arn)
}

// ResolveTrail makes a Trail of what a caller wrote, a bare name or an ARN, and of the Region and account in which the
// call was recorded. The partition of a bare name is the Region's; hint is any other ARN of the record and serves where
// the Region is unknown.
func ResolveTrail(nameOrARN, region, account, hint string) (Trail, error) {
	if IsARN(nameOrARN) {
		return ParseTrailARN(nameOrARN)
	}
	switch {
	case nameOrARN == "":
		return Trail{}, errNoTrail
	case !isTrailName(nameOrARN):
		return Trail{}, fmt.Errorf("%.200q is no trail name (want 3 to 128 letters, digits, '.', '_' or '-')", nameOrARN)
	case !isRegion(region):
		return Trail{}, fmt.Errorf("trail %s: %.60q is no Region", nameOrARN, region)
	case !IsAccount(account):
		return Trail{}, fmt.Errorf("trail %s: %.60q is no account ID", nameOrARN, account)
	}
	return Trail{
		Partition: partitionOf(region, hint),
		Region:    region,
		Account:   account,
		Name:      nameOrARN,
	}, nil
}

// Trail says which trail the record is about, from the surest source to the weakest: the ARN that AWS answered, the
// name or ARN in the request, and, for a refused call without parameters, the ARN in the error message.
//
// The error is errNoTrail where the record names none, and otherwise says what was wrong with the name.
func (e Event) Trail() (Trail, error) {
	r := e.Record
	region, account := firstOf(r.Region, e.Region), firstOf(r.RecipientAccountID, e.Account, r.Identity.AccountID)
	if r.ResponseTrailARN != "" {
		if t, err := ParseTrailARN(r.ResponseTrailARN); err == nil {
			return t, nil
		}
	}
	p := r.RequestParameters
	name := p.Text("name", "trailName")
	if name == "" {
		if id := p.Text("resourceId"); strings.Contains(id, ":trail/") {
			name = id
		}
	}
	if name != "" {
		return ResolveTrail(name, region, account, r.Identity.ARN)
	}
	if arn := anyTrailARN().FindString(r.ErrorMessage); arn != "" {
		return ParseTrailARN(strings.TrimRight(arn, ".")) // a full stop ends the sentence, not the name
	}
	return Trail{}, errNoTrail
}

// PartitionOf returns the partition that a Region belongs to, by its name, and false for a name of no known form. The
// forms are those of the SDK's endpoint rules (partitions.json).
func PartitionOf(region string) (string, bool) {
	parts := strings.Split(region, "-")
	last := len(parts) - 1
	if last < 2 || !ConsistsOf(parts[last], digits) || slices.ContainsFunc(parts[:last], isNoWord) {
		return "", false
	}
	partition, words := areas[parts[0]+"-"+parts[1]], 3
	switch {
	case partition != "":
	case parts[0] == "eusc":
		partition = "aws-eusc"
	case parts[0] == "cn":
		partition, words = "aws-cn", 2
	case len(parts[0]) == 2:
		partition, words = "aws", 2
	}
	if last != words {
		return "", false
	}
	return partition, partition != ""
}

func partitionOf(region, hint string) string {
	if p, ok := PartitionOf(region); ok {
		return p
	}
	if a, err := ParseARN(hint); err == nil {
		return a.Partition
	}
	return "aws"
}

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

// ConsistsOf reports whether s is not empty and holds nothing but the characters of an alphabet in ASCII. It stands for
// a regular expression, whose compilation every start of a function would pay for.
func ConsistsOf(s, alphabet string) bool {
	return s != "" && strings.Trim(s, alphabet) == "" // what Trim leaves starts and ends with another character
}

// areas are the partitions whose Regions begin with two words of their own.
var areas = map[string]string{
	"us-gov":  "aws-us-gov",
	"us-iso":  "aws-iso",
	"us-isob": "aws-iso-b",
	"eu-isoe": "aws-iso-e",
	"us-isof": "aws-iso-f",
}

func isNoWord(s string) bool    { return !ConsistsOf(s, lower) }
func isPartition(s string) bool { return strings.HasPrefix(s, "aws") && ConsistsOf(s, lower+"-") }
func isRegion(s string) bool    { return len(s) >= 2 && len(s) <= 32 && ConsistsOf(s, lower+digits+"-") }

// IsAccount reports whether s can be the ID of an AWS account: 12 digits.
func IsAccount(s string) bool { return len(s) == 12 && ConsistsOf(s, digits) }

// isTrailName follows the CreateTrail API reference: 3 to 128 letters, digits, periods, underscores or dashes, of which
// the first is a letter or digit.
func isTrailName(s string) bool {
	return len(s) >= 3 && len(s) <= 128 && ConsistsOf(s[:1], lower+upper+digits) && ConsistsOf(s, lower+upper+digits+"._-")
}
