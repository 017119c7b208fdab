import { type Hub, pathOf, type Route } from "./route.ts"

/** A row of the table: platform, hosts, paths of single files, paths of folders. Ids keep their case: most hosts tell it apart. */
type Row = readonly [platform: string, hosts: string, files: readonly string[], folders?: readonly string[]]

/**
 * Where files are handed over: a link is an artefact by itself, with the host's own id. Keys after `#` and passwords in the query are in no
 * route, so they are never read. Pictures and videos are not looked for here. Path forms as the hosts' own share links have them; read in
 * public pages and in the documentation of download tools, no host was contacted.
 */
const rows: readonly Row[] = [
  ["gofile", "gofile.io", ["/download/(?:web/|direct/)?{uuid}"], ["/d/{id}"]],
  [
    "pixeldrain",
    "pixeldrain.com pixeldrain.net pixeldrain.dev pixeldra.in",
    ["/(?:u|api/file)/{id}"],
    ["/(?:l|api/list)/{id}"],
  ],
  ["workupload", "workupload.com", ["/(?:file|start)/{id}"], ["/archive/{id}"]],
  ["krakenfiles", "krakenfiles.com", ["/view/{id}"]],
  ["1fichier", "1fichier.com", ["/(?:\\w+/)?\\?{id}"], ["/dir/{id}"]],
  ["rapidgator", "rapidgator.net rg.to", ["/file/{id}"], ["/folder/{id}"]],
  ["nitroflare", "nitroflare.com nitro.download", ["/view/{id}"]],
  ["turbobit", "turbobit.net", ["/{code}\\.html", "/download/free/{id}"]],
  ["katfile", "katfile.com katfile.cloud", ["/{code}"]],
  ["ddownload", "ddownload.com ddl.to", ["/{code}"]],
  ["keep2share", "k2s.cc keep2share.cc fboom.me fileboom.me", ["/file/{id}"], ["/folder/{id}"]],
  ["filefactory", "filefactory.com", ["/file/{id}"], ["/folder/{id}"]],
  ["alfafile", "alfafile.net", ["/file/{id}"]],
  ["uploadgig", "uploadgig.com", ["/file/download/{id}"]],
  ["clicknupload", "clicknupload.org clicknupload.click clicknupload.to", ["/{code}"]],
  ["dropgalaxy", "dropgalaxy.com dropgalaxy.co", ["/(?:drive/)?{code}"]],
  ["hexupload", "hexupload.net hexload.com", ["/{code}"]],
  ["megaup", "megaup.net", ["/{code}"]],
  ["usersdrive", "usersdrive.com", ["/{code}"]],
  ["sendspace", "sendspace.com", ["/file/{id}"], ["/folder/{id}"]],
  ["sendcm", "send.cm send.now", ["/(?:d/)?{code}"]],
  ["filebin", "filebin.net", [], ["/{code}"]],
  ["uploadee", "upload.ee", ["/files/{num}"]],
  ["easyupload", "easyupload.io", ["/{code}", "/m/{id}"]],
  ["ufile", "ufile.io", ["/{code}", "/f/{id}"]],
  ["filesfm", "files.fm", ["/f/{id}"], ["/u/{id}"]],
  ["fileio", "file.io", ["/{code}"]],
  ["tmpfiles", "tmpfiles.org", ["/(?:dl/)?{num}"]],
  ["transfersh", "transfer.sh", ["/(?:get/)?{code}/[^/?#]{1,150}"]],
  ["0x0", "0x0.st", ["/(?<id>[\\w-]{3,12}\\.\\w{2,12})"]],
  ["uguu", "a.uguu.se d.uguu.se n.uguu.se o.uguu.se h.uguu.se", ["/(?<id>[\\w-]{4,30}\\.\\w{2,12})"]],
  ["litterbox", "litter.catbox.moe", ["/(?<id>\\w{4,16}\\.\\w{2,12})"]],
  ["tempsh", "temp.sh", ["/{code}/[^/?#]{1,150}"]],
  ["oshi", "oshi.at", ["/{code}"]],
  ["fileditch", "fileditchfiles.me fileditch.com new.fileditch.com", ["/(?<id>[\\w/.-]{3,80}\\.\\w{2,12})"]],
  ["qiwi", "qiwi.gg", ["/file/{id}"], ["/folder/{id}"]],
  ["buzzheavier", "buzzheavier.com bzzhr.co bzzhr.to fuckingfast.co", ["/(?:f/)?{code}"], ["/d/{id}"]],
  ["datanodes", "datanodes.to", ["/{code}"]],
  ["vikingfile", "vikingfile.com vik1ngfile.site", ["/f/{id}"]],
  ["akirabox", "akirabox.com akirabox.to", ["/{code}/file"]],
  ["bowfile", "bowfile.com", ["/{code}"]],
  ["multiup", "multiup.org multiup.io", ["/(?:\\w{2}/)?(?:download|mirror)/{id}"]],
  ["mirrored", "mirrored.to mirrorace.org", ["/files/{id}", "/m/{id}"]],
  ["cyberfile", "cyberfile.me cyberfile.su", ["/{code}"], ["/(?:folder|shared)/{id}"]],
  ["cyberdrop", "cyberdrop.me cyberdrop.cr cyberdrop.to", ["/f/{id}"], ["/a/{id}"]],
  [
    "bunkr",
    "bunkr.ac bunkr.black bunkr.cat bunkr.ci bunkr.cr bunkr.fi bunkr.is bunkr.la bunkr.media bunkr.ph bunkr.pk bunkr.ps bunkr.red bunkr.ru bunkr.si bunkr.site bunkr.sk bunkr.su bunkr.ws bunkr.ax bunkrr.ru bunkrr.su bunkrr.sk",
    ["/[dfiv]/{id}"],
    ["/a/{id}"],
  ],
  ["swisstransfer", "swisstransfer.com", [], ["/d/{uuid}"]],
  ["wetransfer", "we.tl wetransfer.com", [], ["/t-{id}", "/downloads/{id}"]],
  ["transfernow", "transfernow.net", [], ["/(?:\\w{2}/)?dl/{id}"]],
  ["smash", "fromsmash.com", [], ["/{code}"]],
  ["filemail", "filemail.com", [], ["/d/{id}", "/t/{id}"]],
  ["dropmefiles", "dropmefiles.com", [], ["/{code}"]],
  ["limewire", "limewire.com", [], ["/d/{id}"]],
  ["wormhole", "wormhole.app", [], ["/{code}"]],
  ["send", "send.vis.ee send.tresorit.com send.zcyph.cc send.firefox.com", ["/(?:download|a)/{id}", "/{code}"]],
  ["lufi", "upload.disroot.org drop.infini.fr", ["/r/{id}"]],
  [
    "dropbox",
    "dropbox.com dl.dropbox.com dl.dropboxusercontent.com",
    ["/s/{id}", "/scl/fi/{id}"],
    ["/scl/fo/{id}", "/sh/{id}", "/t/{id}"],
  ],
  ["onedrive", "1drv.ms", ["/[a-z]/(?:s!|c/\\w{1,20}/)?{id}"], ["/f/(?:s!|c/\\w{1,20}/)?{id}"]],
  ["box", "app.box.com box.com", ["/(?:s|shared/static)/{id}", "/v/{id}"]],
  ["pcloud", "u.pcloud.link e.pcloud.link pc.cd", ["/{code}"]],
  ["icedrive", "icedrive.net", ["/(?:s|0)/{id}"]],
  ["protondrive", "drive.proton.me", [], ["/urls/{id}"]],
  ["filen", "drive.filen.io app.filen.io filen.io", ["/(?:#/)?d/{uuid}"], ["/(?:#/)?f/{uuid}"]],
  ["internxt", "share.internxt.com drive.internxt.com", ["/(?:d/)?sh/file/{id}"], ["/(?:d/)?sh/folder/{id}"]],
  ["degoo", "app.degoo.com", ["/share/{id}"]],
  ["mailru", "cloud.mail.ru", [], ["/public/(?<id>\\w{2,8}/\\w{4,16})"]],
  [
    "yandexdisk",
    "disk.yandex.ru disk.yandex.com disk.yandex.com.tr disk.360.yandex.ru yadi.sk",
    ["/i/{id}"],
    ["/d/{id}"],
  ],
  [
    "terabox",
    "terabox.com terabox.app teraboxapp.com 1024terabox.com 1024tera.com freeterabox.com teraboxlink.com terasharelink.com nephobox.com 4funbox.com mirrobox.com momerybox.com dubox.com",
    [],
    ["/s/{id}"],
  ],
  ["baidupan", "pan.baidu.com yun.baidu.com", [], ["/s/{id}"]],
  ["quark", "pan.quark.cn drive.uc.cn fast.uc.cn", [], ["/s/{id}"]],
  ["aliyundrive", "aliyundrive.com alipan.com", [], ["/s/{id}"]],
  ["123pan", "123pan.com 123pan.cn 123684.com 123865.com 123912.com", [], ["/s/{id}"]],
  ["115", "115.com 115cdn.com anxia.com", [], ["/s/{id}"]],
  ["xunlei", "pan.xunlei.com", [], ["/s/{id}"]],
  ["tianyi", "cloud.189.cn", [], ["/t/{id}"]],
  [
    "lanzou",
    ["", ..."abcdefghijklmnopqrstuvwxyz"].map((letter) => `lanzou${letter}.com`).join(" "),
    ["/{code}"],
    ["/b{code}"],
  ],
  ["anonfiles", "anonfiles.com anonfile.com bayfiles.com letsupload.cc", ["/{code}"]],
  ["zippyshare", "zippyshare.com", ["/v/{id}/file\\.html"]],
  ["solidfiles", "solidfiles.com", ["/v/{id}"]],
  ["uploadhaven", "uploadhaven.com", ["/download/{id}"]],
  ["files.vc", "files.vc", ["/d/(?:dl\\?hash=)?{id}"]],
  ["ranoz", "ranoz.gg", ["/(?:d|file)/{id}"]],
  ["gigafile", Array.from({ length: 99 }, (_, n) => `${n + 1}.gigafile.nu`).join(" "), [], ["/{code}"]],
  ["getuploader", "ux.getuploader.com", ["/[\\w-]{1,60}/download/{num}"]],
  ["axfc", "axfc.net", ["/u/{num}"]],
]

/** Pages that hosts with ids right after the host name have there too. */
const pages: ReadonlySet<string> = new Set(
  "about abuse account affiliate api apps blog contact cookies copyright developers dmca docs download faq features help home index index.html legal login logout news partners plans premium pricing privacy register report reseller rules search settings signin signup static status support terms tos upload upgrade".split(
    " ",
  ),
)

const driveId = { query: "id", form: /^[\w-]{20,80}$/ }

/** Hosts whose ids need more than a path. */
const others: readonly Hub[] = [
  {
    platform: "mega",
    hosts: ["mega.nz", "mega.co.nz", "mega.io", "mega.app"],
    // The part after # (or after the second !) is a key: no route captures it.
    routes: [
      { path: /^\/(?:file|embed)\/(?<id>[\w-]{8})(?![\w-])/, as: "mega:file:", kind: "file", keepsCase: true },
      { path: /^\/folder\/(?<id>[\w-]{8})(?![\w-])/, as: "mega:folder:", kind: "folder", keepsCase: true },
      { path: /^\/?(?:embed)?#!(?<id>[\w-]{8})(?![\w-])/, as: "mega:file:", kind: "file", keepsCase: true },
      { path: /^\/?#F!(?<id>[\w-]{8})(?![\w-])/, as: "mega:folder:", kind: "folder", keepsCase: true },
    ],
  },
  {
    platform: "catbox",
    hosts: ["files.catbox.moe", "catbox.moe"],
    routes: [
      {
        path: /^\/(?<id>\w{4,12}\.(?!(?:png|jpe?g|gif|webp|avif|mp4|webm|mov|mp3)$)\w{2,12})$/i,
        as: "catbox:file:",
        kind: "file",
        keepsCase: true,
      },
      { path: /^\/c\/(?<id>\w{4,12})\/?$/, as: "catbox:folder:", kind: "folder", keepsCase: true },
    ],
  },
  {
    platform: "mediafire",
    hosts: ["mediafire.com"],
    routes: [
      {
        path: /^\/(?:file|file_premium|download|view|\?)\/?(?<id>[0-9a-z]{8,20})(?!\w)/,
        as: "mediafire:file:",
        kind: "file",
      },
      { path: /^\/folder\/(?<id>[0-9a-z]{8,20})(?!\w)/, as: "mediafire:folder:", kind: "folder" },
      { path: /^\/?\?(?<id>[0-9a-z]{11,20})(?!\w)/, as: "mediafire:file:", kind: "file" },
    ],
  },
  {
    platform: "googledrive",
    hosts: ["drive.google.com", "docs.google.com", "drive.usercontent.google.com"],
    routes: [
      {
        path: /^\/(?:a\/[\w.-]{1,60}\/)?file\/(?:u\/\d\/)?d\/(?<id>[\w-]{20,80})(?![\w-])/,
        as: "googledrive:file:",
        kind: "file",
        keepsCase: true,
      },
      {
        path: /^\/drive\/(?:u\/\d\/|mobile\/)?folders\/(?<id>[\w-]{20,80})(?![\w-])/,
        as: "googledrive:folder:",
        kind: "folder",
        keepsCase: true,
      },
      { path: /^\/folderview$/, idIn: driveId, as: "googledrive:folder:", kind: "folder", keepsCase: true },
      {
        path: /^\/(?:u\/\d\/)?(?:uc|open|download|leaf)$/,
        idIn: driveId,
        as: "googledrive:file:",
        kind: "file",
        keepsCase: true,
      },
    ],
  },
  {
    platform: "pcloud",
    hosts: ["u.pcloud.link", "e.pcloud.link"],
    routes: [
      {
        path: /^\/publink\/show$/,
        idIn: { query: "code", form: /^\w{8,60}$/ },
        as: "pcloud:file:",
        kind: "file",
        keepsCase: true,
      },
    ],
  },
  {
    platform: "baidupan",
    hosts: ["pan.baidu.com"],
    routes: [
      // The share page's form of `/s/1…`: the same id without its first letter.
      {
        path: /^\/share\/init$/,
        idIn: { query: "surl", form: /^[\w-]{5,40}$/ },
        as: "baidupan:folder:1",
        kind: "folder",
        keepsCase: true,
      },
    ],
  },
  {
    platform: "terabox",
    hosts: ["terabox.com", "terabox.app", "1024terabox.com", "1024tera.com"],
    routes: [
      {
        path: /^\/(?:\w{2,8}\/)?sharing\/link$/,
        idIn: { query: "surl", form: /^[\w-]{5,40}$/ },
        as: "terabox:folder:1",
        kind: "folder",
        keepsCase: true,
      },
    ],
  },
  {
    platform: "onedrive",
    hosts: ["onedrive.live.com"],
    routes: [
      {
        path: /^\/(?:embed|redir|download|view\.aspx)?(?:\.aspx)?$/,
        idIn: { query: "resid", form: /^[\w!%]{8,60}$/ },
        as: "onedrive:file:",
        kind: "file",
        keepsCase: true,
      },
    ],
  },
]

export const fileHosts: readonly Hub[] = [
  ...others,
  ...rows.map(([platform, hosts, files, folders = []]) => ({
    platform,
    hosts: hosts.split(" "),
    routes: [...routesOf(platform, "folder", folders), ...routesOf(platform, "file", files)],
  })),
]

function routesOf(platform: string, kind: "file" | "folder", templates: readonly string[]): Route[] {
  return templates.map((template) => ({
    path: pathOf(template),
    notIds: pages,
    as: `${platform}:${kind}:`,
    kind,
    keepsCase: true,
  }))
}
