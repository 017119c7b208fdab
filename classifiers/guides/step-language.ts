/** Words with which instructions order themselves, by language; looked for at the start of a sentence or line. Lower case. */
export const orderWords: readonly (readonly string[])[] = [
  ["first", "firstly", "then", "next", "after that", "afterwards", "finally", "lastly", "now", "once"],
  [
    "zuerst",
    "zunächst",
    "als erstes",
    "dann",
    "danach",
    "anschließend",
    "nun",
    "jetzt",
    "zum schluss",
    "schließlich",
    "sobald",
  ],
  ["d'abord", "tout d'abord", "ensuite", "puis", "après", "enfin", "maintenant"],
  ["primero", "primero de todo", "luego", "después", "a continuación", "finalmente", "por último", "ahora"],
  ["primeiro", "depois", "em seguida", "a seguir", "por fim", "finalmente", "agora"],
  ["prima", "innanzitutto", "poi", "quindi", "infine", "dopo", "ora"],
  ["eerst", "vervolgens", "daarna", "dan", "ten slotte", "tenslotte", "nu"],
  ["najpierw", "następnie", "potem", "na koniec", "teraz", "wreszcie"],
  ["сначала", "сперва", "затем", "потом", "далее", "после этого", "наконец", "теперь"],
  ["спочатку", "потім", "далі", "нарешті", "тепер"],
  ["首先", "然后", "接着", "接下来", "最后", "之后", "再"],
  ["まず", "次に", "それから", "続いて", "最後に", "その後"],
  ["먼저", "그다음", "다음으로", "그리고", "마지막으로", "이제"],
]

/** Verbs with which a step of a software manual opens, by language. Lower case. */
export const openingVerbs: readonly string[] = [
  "open", "load", "set", "select", "click", "install", "download", "connect", "add", "choose", "run", "drag", "drop", "put", "place",
  "use", "enable", "disable", "adjust", "generate", "train", "save", "restart", "start", "create", "copy", "paste", "go", "make", "pick",
  "change", "lower", "raise", "increase", "press", "queue", "double-click", "right-click", "type", "enter", "write", "keep", "leave",
  "check", "test", "collect", "crop", "caption", "resize", "rename", "unzip", "extract", "update", "clone", "export", "import", "turn",
  "öffne", "öffnen", "lade", "laden", "stelle", "stell", "setze", "setzen", "wähle", "wählen", "klicke", "klicken", "installiere",
  "installieren", "verbinde", "verbinden", "füge", "starte", "starten", "speichere", "kopiere", "nimm", "erzeuge", "trainiere", "ziehe", "lege",
  "ouvrez", "ouvre", "ouvrir", "chargez", "charge", "charger", "réglez", "règle", "régler", "choisissez", "choisis", "choisir", "cliquez",
  "clique", "cliquer", "installez", "installe", "installer", "connectez", "connecte", "ajoutez", "ajoute", "ajouter", "téléchargez", "mettez",
  "lancez", "placez", "sélectionnez", "utilisez", "enregistrez", "baissez",
  "abre", "abrir", "carga", "cargar", "pon", "poner", "ajusta", "ajustar", "elige", "elegir", "selecciona", "haz", "instala", "instalar",
  "conecta", "conectar", "añade", "añadir", "descarga", "descargar", "usa", "guarda", "genera", "ejecuta", "coloca", "baja", "sube",
  "abra", "carregue", "ajuste", "escolha", "selecione", "clique", "instale", "conecte", "adicione", "baixe", "defina", "coloque", "salve", "rode",
  "apri", "carica", "imposta", "scegli", "seleziona", "clicca", "installa", "collega", "aggiungi", "scarica", "salva", "avvia", "metti",
  "laad", "kies", "klik", "installeer", "verbind", "voeg", "zet", "stel", "sla", "gebruik", "plaats", "selecteer",
  "otwórz", "wczytaj", "załaduj", "ustaw", "wybierz", "kliknij", "zainstaluj", "podłącz", "połącz", "dodaj", "pobierz", "zapisz", "uruchom", "wklej",
  "откройте", "открой", "открываем", "загрузите", "загрузи", "загружаем", "установите", "установи", "ставим", "поставьте", "выберите", "выбери",
  "выбираем", "нажмите", "нажми", "подключите", "подключи", "соедините", "добавьте", "добавь", "добавляем", "скачайте", "скачай", "скачиваем",
  "запустите", "запусти", "запускаем", "сохраните", "сохрани", "задайте", "укажите", "поместите", "положите", "используйте", "включите",
  "відкрийте", "завантажте", "встановіть", "виберіть", "оберіть", "натисніть", "додайте", "запустіть", "збережіть", "під'єднайте",
] // biome-ignore format: a table

/** Chinese steps open with a verb and need no space after it. */
export const openingVerbsChinese =
  /^(?:请|先|再|然后|接着|首先|最后|点击|双击|右键|打开|加载|选择|设置|将|把|下载|安装|连接|添加|使用|启动|运行|保存|调整|输入|新建|放入|导入)/u

/** Japanese and Korean steps end with the request. */
export const closingRequests =
  /(?:してください|て下さい|てください|します|する|ましょう|を開く|を選ぶ|を押す|に置く|する。|세요|십시오|합니다|하기|한다)[。.!！]?$/u

/** People talking to each other: first person, thanks, laughter. Counted as words. */
export const chatterWords: readonly string[] = [
  "i", "i'm", "i've", "im", "ive", "my", "me", "mine", "lol", "haha", "thanks", "thx", "anyone", "somebody", "someone", "imo", "imho", "tbh", "guys",
  "ich", "mein", "meine", "mir", "mich", "danke", "jemand", "je", "j'ai", "mon", "ma", "moi", "merci", "mdr", "quelqu'un", "yo", "mi", "gracias", "jaja", "alguien",
  "eu", "meu", "minha", "obrigado", "alguém", "io", "mio", "grazie", "qualcuno", "ik", "mijn", "bedankt", "iemand", "mnie", "mój", "dzięki", "ktoś",
  "я", "мне", "меня", "мой", "моя", "мои", "спасибо", "кто-нибудь", "лол", "ахах", "мені", "мене", "дякую",
  "我", "我的", "谢谢", "哈哈", "私", "俺", "僕", "ありがとう", "笑", "저는", "제가", "감사합니다", "ㅋㅋ",
] // biome-ignore format: a table
