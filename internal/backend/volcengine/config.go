// Package volcengine drives Volcengine ECS through its API version 2020-04-01:
// it translates calls, states and errors, and nothing else. It signs with the
// signer of the official SDK. It leaves deciding, waiting, retrying and batching
// to its callers, and finding credentials too: it uses the keys that it is given,
// and reads no environment, file or metadata service for others.
package volcengine

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/volcengine/volcengine-go-sdk/volcengine/base"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// Credentials are static keys, or temporary ones with their session token.
type Credentials struct {
	AccessKey driverkit.Secret
	SecretKey driverkit.Secret
	// SessionToken is empty for keys that are not temporary.
	SessionToken driverkit.Secret
}

func (c Credentials) keys() driverkit.Keys {
	return driverkit.Keys{
		{Name: "access_key", Value: c.AccessKey},
		{Name: "secret_key", Value: c.SecretKey},
		{Name: "session_token", Value: c.SessionToken, Optional: true},
	}
}

// Options are those of every driver.
type Options = driverkit.Options

var api = driverkit.API{
	Regional: true,
	Host:     hostOf,
	IsAnswer: driverkit.HasField("ResponseMetadata", "errorcode"),
	Codes:    driverkit.Codes{Exact: codes, Families: families},
}

// New returns a driver for one account and region. It makes no request, and
// fails only on what can never work.
func New(creds Credentials, region string, opts Options) (*Driver, error) {
	kit, err := api.Open(creds.keys(), region, opts)
	if err != nil {
		return nil, err
	}
	signer := base.Credentials{
		AccessKeyID: string(creds.AccessKey), SecretAccessKey: string(creds.SecretKey),
		SessionToken: string(creds.SessionToken),
		Service:      service, Region: kit.Region,
	}
	return &Driver{kit: kit, sign: signer.Sign, tokens: newTokens()}, nil
}

// The hosts (SDK source: volcengineutil, GetDefaultEndpointByServiceInfo): most
// regions share one, and a few have their own.
const (
	sharedHost = "open.volcengineapi.com"
	ownHosts   = "ap-southeast-2 ap-southeast-3 cn-beijing-autodriving cn-beijing-selfdrive cn-shanghai-autodriving"
)

// sharedRegions are those that the SDK knows beside them (SDK source: endpoints,
// regionMatcher), without the vendor's own for tests.
const sharedRegions = "ap-singapore-1 ap-southeast-1 cn-beijing cn-beijing2 cn-beijing300 cn-changsha-sdv " +
	"cn-chengdu cn-chengdu-sdv cn-chongqing-sdv " +
	"cn-datong cn-east-1-dedicated cn-gaofang-bj cn-gaofang-gz1 cn-gaofang-nt1 cn-gaofang-nt2 cn-gaofang-nt3 " +
	"cn-gaofang-nt4 cn-gaofang-nt5 " +
	"cn-guangzhou cn-hangzhou cn-hongkong cn-hongkong-pop cn-macau-pop-sdv cn-nanjing-bbit cn-ningbo-sdv cn-north-1 " +
	"cn-north-1-dedicated " +
	"cn-shanghai cn-wuhan cn-wulanchabu"

// hostOf returns the host of a region. The shared one takes any region, so that
// a wrong one would show as a wrong signature scope at best.
func hostOf(region string) (string, error) {
	for known := range strings.FieldsSeq(ownHosts) {
		if region == known {
			return "ecs." + region + ".volcengineapi.com", nil
		}
	}
	for known := range strings.FieldsSeq(sharedRegions) {
		if region == known {
			return sharedHost, nil
		}
	}
	return "", fmt.Errorf(
		"`region` is %q, which is none that this version of the provider knows: check it, or name its host in `endpoint`, "+
			"for example `https://ecs.{region}.volcengineapi.com`",
		region,
	)
}

// idForm is that of the instance ids in the examples of the API reference.
var idForm = regexp.MustCompile(`^i-[0-9a-z]+$`)

// ValidID reports whether id has the form of an ECS instance id.
func ValidID(id string) bool { return idForm.MatchString(id) }

// plainForm is that of real ids, as far as they are seen on the pages. The form
// above is wider: an id of another cloud that was cut short has it too.
var plainForm = regexp.MustCompile(`^i-[0-9a-z]{18,}$`)

// PlainID reports whether the form of an id tells that it is one of this cloud.
func PlainID(id string) bool { return plainForm.MatchString(id) }
