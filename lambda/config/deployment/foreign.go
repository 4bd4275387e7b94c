package deployment

import (
	"maps"
	"slices"
	"strings"

	"trailkeeper/events"
)

// Foreign lists the keys of Names that the record of this description at this place does not have, and those whose value is
// none that CloudFormation gives: a name is STACK-LOGICALID-RANDOM, whose middle may be shortened (AWS CloudFormation
// Template Reference, "Name type"), and an ARN is that of such a name or of the template's, in the account and Region of
// the resource. Whoever can write the record can choose among such names alone.
func (r Record) Foreign(d Description, place events.Place) []string {
	s := resolver{of: d, record: r, place: place}
	unnamed := d.Unnamed()
	var foreign []string
	for _, key := range slices.Sorted(maps.Keys(r.Names)) {
		if !slices.Contains(unnamed, key) || !s.given(key, r.Names[key]) {
			foreign = append(foreign, key)
		}
	}
	return foreign
}

// given reports whether CloudFormation can have given a value for a key of Unnamed.
func (s resolver) given(key, value string) bool {
	id, attribute, _ := strings.Cut(key, ".")
	r := s.of.Resources[id]
	switch {
	case r.Type == "AWS::KMS::Key":
		return isKeyID(value)
	case r.Type == "AWS::Organizations::Policy" && attribute != "":
		return isPolicyID(value)
	case attribute == "Arn":
		name, err := s.name(id)
		return err == nil && s.isARN(r, value, name)
	case events.IsARN(value):
		f, _ := forms(r.Type)
		name := value[strings.LastIndexAny(value, ":/")+1:]
		arn, err := s.arn(r, f, name)
		return f.refARN && err == nil && arn == value && s.generated(id, name)
	}
	return s.generated(id, value)
}

const (
	hexDigits = "0123456789abcdef"
	letters   = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	digits    = "0123456789"
)

// isKeyID reports whether a value is the ID of a key, or of a multi-Region key ("KMS key identifiers (KeyId)").
func isKeyID(value string) bool {
	if id, multi := strings.CutPrefix(value, "mrk-"); multi {
		return len(id) == 32 && events.ConsistsOf(id, hexDigits)
	}
	return isUUID(value)
}

// isPolicyID reports whether a value is the ID of a policy of AWS Organizations (its API Reference, "Policy").
func isPolicyID(value string) bool {
	id, ours := strings.CutPrefix(value, "p-")
	return ours && len(id) >= 8 && len(id) <= 128 && events.ConsistsOf(id, digits+letters+"_")
}

func isUUID(value string) bool {
	parts := strings.Split(value, "-")
	return slices.EqualFunc(parts, []int{8, 4, 4, 4, 12}, func(part string, length int) bool {
		return len(part) == length && events.ConsistsOf(part, hexDigits)
	})
}

// isARN reports whether an ARN is that of a connection or an API destination, whose last part is a UUID.
func (s resolver) isARN(r Resource, value, name string) bool {
	kind := map[string]string{"AWS::Events::Connection": "connection/", "AWS::Events::ApiDestination": "api-destination/"}[r.Type]
	uuid, ours := strings.CutPrefix(value, s.placeOf(r).ARN("events", kind+name+"/"))
	return kind != "" && ours && events.ConsistsOf(uuid, hexDigits+"-")
}

// generated reports whether CloudFormation can have made a name of the stack's and of a logical ID.
func (s resolver) generated(id, name string) bool {
	rest, ours := strings.CutPrefix(name, s.of.Stack+"-")
	end := strings.LastIndexByte(rest, '-')
	if s.of.Resources[id].Type == "AWS::S3::Bucket" {
		id = strings.ToLower(id)
	}
	return ours && end > 0 && strings.HasPrefix(id, rest[:end]) && rest[end+1:] != "" && events.ConsistsOf(rest[end+1:], digits+letters)
}
