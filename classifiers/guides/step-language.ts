/**
 * How instructions are worded, by language: lower case, one table a purpose, words separated by spaces, a space within a phrase written as
 * `_`. Scripts without spaces are looked for anywhere, other words as a whole.
 */

/** Words with which instructions order themselves. */
export const orderWords = `
  first firstly then next after_that afterwards finally lastly now once second third begin start_by
  zuerst zunächst anfangs dann danach anschließend nun schließlich zuletzt sobald als_erstes zum_schluss
  d'abord tout_d'abord ensuite puis enfin maintenant premièrement deuxièmement pour_finir
  primero luego después finalmente ahora a_continuación por_último en_primer_lugar
  primeiro depois agora em_seguida a_seguir por_fim por_último
  prima innanzitutto poi quindi infine adesso dopodiché
  eerst vervolgens daarna tenslotte ten_slotte daarop
  najpierw następnie potem wreszcie teraz na_koniec
  nejdřív nejprve potom pak následně nakonec najprv potom nakoniec
  сначала сперва затем потом далее наконец теперь после_этого
  спочатку потім далі нарешті тепер після_цього първо после накрая след_това
  önce ilk_olarak sonra ardından son_olarak şimdi
  pertama kemudian lalu selanjutnya terakhir setelah_itu
  đầu_tiên sau_đó tiếp_theo cuối_cùng
  först sedan därefter slutligen först derefter til_sidst til_slutt ensin sitten lopuksi
  întâi apoi la_final először majd aztán végül πρώτα μετά έπειτα τέλος στη_συνέχεια
  पहले फिर अंत_में ابتدا سپس در_پایان
  أولا ثم بعد_ذلك أخيرا
  首先 然后 接着 接下来 最后 之后 然後 接著 最後 第一步 第二步 第三步 まず 次に それから 続いて 最後に その後 먼저 그다음 다음으로 마지막으로 이제 그런_다음
`

/** Verbs with which a step of a manual opens. */
export const openingVerbs = `
  open load set select click install download connect add choose run drag drop put place use enable disable adjust generate train save
  restart start create copy paste go make pick change lower raise increase decrease reduce press queue double_click right_click type enter
  write keep leave check test collect crop caption resize rename unzip extract update clone export import turn switch send render repeat
  note follow remove delete replace apply upload navigate configure specify define draw paint mask feed wire swap pull push take throw try
  compare lock fix wait let build launch execute activate browse scroll zoom adjust ensure verify move hold tick untick uncheck toggle
  describe mix blend merge duplicate invert fill lay watch avoid don't
  öffne öffnet öffnen lade ladet laden stelle stell stellt stellen setze setzt setzen wähle wählt wählen klicke klickt klicken installiere
  installieren verbinde verbinden füge fügt starte startet starten speichere speichern kopiere kopieren nimm nehmt nehmen erzeuge erzeugen
  trainiere trainieren ziehe zieht ziehen lege legt gib gebt geben trage tragt eintragen entpacke entpacken wechsle schalte aktiviere deaktiviere
  vergleiche vergleichen achte beachte drücke schreibe schreibt navigiere passe ändere verwende benutze
  ouvrez ouvre ouvrir chargez charge charger réglez règle régler choisissez choisis choisir cliquez clique cliquer installez installe installer
  connectez branchez ajoutez ajoute ajouter téléchargez télécharger mettez mets mettre lancez lance lancer placez sélectionnez utilisez
  enregistrez baissez montez gardez recadrez écrivez testez générez essayez vérifiez copiez collez entrez tapez attendez rassemblez faites
  abre abrir carga cargar pon poner ponga ajusta ajustar elige elegir selecciona seleccionar haz instala instalar conecta conectar añade añadir
  descarga descargar usa guarda genera generar ejecuta ejecutar coloca baja sube escribe entra pinta repite junta recorta compara quédate
  copia pega pulsa espera sigue asegúrate cambia abra cargue seleccione instale descargue
  carregue abre abra ajuste escolha selecione clique instale conecte adicione baixe defina coloque salve rode use gere mande mantenha configure treine
  compare separe escreva corte execute copie cole digite aguarde repita
  apri carica imposta scegli seleziona clicca installa collega aggiungi scarica salva avvia metti scrivi dipingi prendi genera manda tieni usa
  ripassa ingrandisci copia incolla premi attendi ripeti verifica
  laad kies klik installeer verbind voeg zet stel sla gebruik plaats selecteer verzamel schrijf vul train vergelijk snijd ga typ doe maak bewaar
  download wacht herhaal controleer
  otwórz wczytaj załaduj ustaw wybierz kliknij zainstaluj podłącz połącz dodaj pobierz zapisz uruchom wklej wejdź zamaluj napisz wygeneruj
  powtórz zbierz przytnij trenuj porównaj skopiuj użyj sprawdź wpisz zmień poczekaj przejdź
  otevřete načtěte nastavte vyberte klikněte nainstalujte připojte přidejte stáhněte uložte spusťte ořízněte napište porovnejte zadejte použijte
  otvorte načítajte kliknite nainštalujte pridajte stiahnite uložte spustite napíšte počkajte prejdite použite
  открой загрузи установи ставим поставь выбери нажми подключи добавь скачай запусти сохрани укажи берём берем ставь открываем загружаем выбираем
  нажимаем добавляем скачиваем запускаем генерируем пишем закрашиваем копируем переходим
  отвори зареди избери натисни
  açın yükleyin seçin tıklayın kurun indirin bağlayın ekleyin çalıştırın ayarlayın kaydedin yazın boyayın üretin girin kopyalayın kullanın toplayın kırpın
  yapın karşılaştırın bekleyin tekrarlayın
  buka muat pilih klik pasang unduh hubungkan tambahkan jalankan atur simpan tulis ketik buat gunakan kumpulkan potong bandingkan ulangi masukkan salin
  mở tải chọn nhấp nhấn cài kết_nối thêm chạy đặt lưu viết nhập tạo dùng thu_thập cắt so_sánh sao_chép bấm
  öppna ladda välj klicka installera anslut lägg kör ställ spara skriv samla beskär jämför skicka använd måla åbn indlæs vælg klik tilføj kør sæt gem mal lav
  åpne last velg avaa lataa valitse napsauta asenna lisää aja aseta tallenna kirjoita kerää rajaa vertaa käytä
  deschide încarcă alege selectează apasă instalează adaugă descarcă rulează setează salvează scrie pictează generează repetă folosește
  nyisd töltsd válaszd kattints telepítsd add állítsd futtass futtasd mentsd írj írd gyűjts vágd hasonlítsd használd
  ανοίξτε φορτώστε επιλέξτε πατήστε εγκαταστήστε προσθέστε ορίστε τρέξτε αποθηκεύστε γράψτε μαζέψτε κόψτε συγκρίνετε κάντε
  खोलें चुनें लिखें करें चलाएं सहेजें जोड़ें काटें दबाएं डालें کنید بنویسید دهید بزنید باز_کنید اجرا_کنید انتخاب_کنید
  افتح حمّل اختر اضغط ثبّت أضف اكتب اضبط شغّل احفظ اجمع قارن ولّد ارسم استخدم قم انقر
`

/** Chinese, Japanese and Korean verbs of manuals, in the forms that a step has; a Chinese one counts where a clause opens. */
export const openingVerbsJoined = `
  打开 点击 双击 右键 加载 选择 设置 设为 下载 安装 连接 添加 使用 启动 运行 保存 调整 输入 新建 放入 导入 拖 填写 勾选 切换 进入 找到 复制 粘贴 解压 重启 准备 裁剪
  写 训练 对比 调 送到 涂掉 挑 请 将 把 在 用 按 開啟 點擊 載入 選擇 設定 設為 下載 安裝 連接 新增 儲存 調整 輸入 複製 解壓 重新啟動 執行 塗掉 產生 生成
`
export const closingVerbsJoined = `
  ください 下さい ましょう 開き 開いて 押し 選び 選択し 設定し 入力し クリックし 追加し 接続し 読み込み 読み込ん ダウンロードし インストールし 実行し 保存し 起動し 配置し 書き 塗り
  学習し 集めて 切り抜 比べて 生成します 置き 設定する 選択する 追加する 保存する 実行する 開く。 書く。 使う。
  하세요 세요. 세요 십시오 설정하 선택하 클릭하 입력하 설치하 다운로드하 추가하 연결하 실행하 저장하 생성합니다 여세요 누르 불러오 자른다 쓴다 저장한다 설정한다 고른다
`

/** Endings of an imperative of several people, in languages where nearly nothing else ends so. */
export const imperativeEnding = /(?:йте|ите|іть|ьте|ейте|ajte|ejte|ujte|ěte|jcie|cie|eyin|ayın|iniz|ınız)$/u

/** Infinitives and requests that end a clause: "Checkpoint laden, Stärke einstellen." */
export const closingVerbs = `
  laden öffnen einstellen stellen setzen wählen auswählen klicken installieren herunterladen verbinden hinzufügen einfügen starten speichern kopieren
  nehmen erzeugen ziehen legen eintragen entpacken anlegen zuschneiden sammeln vergleichen hochskalieren lassen festhalten aktivieren ausführen
  खोलें चुनें लिखें करें चलाएं सहेजें जोड़ें काटें दबाएं डालें کنید بنویسید دهید بزنید
  openen laden kiezen klikken installeren toevoegen opslaan starten bewaren
`

/** What only somebody who teaches says: "make sure", "recommended", "do not". */
export const adviceWords = `
  should must need_to make_sure recommended recommend important remember tip tips note otherwise instead optional required requirements
  you_can you_need you_will you_should allows ensure prerequisites example
  sollte muss musst müsst wichtig empfohlen sonst achtung voraussetzungen hinweis tipp beispiel
  devez doit faut conseil astuce important recommandé prérequis exemple sinon
  debes debe hay_que importante recomendado consejo requisitos ejemplo
  deve precisa importante recomendado dica requisitos exemplo
  devi bisogna importante consigliato consiglio requisiti esempio
  moet belangrijk aanbevolen anders voorbeeld trzeba należy ważne zalecane wskazówka przykład je_třeba důležité doporučeno musíte
  нужно надо следует важно рекомендуется совет желательно например обязательно можно потрібно слід важливо рекомендується
  gerekir önemli önerilir örnek harus penting disarankan contoh cần nên ví_dụ quan_trọng bör viktigt skal vigtigt
  需要 注意 建议 推荐 可以 必须 例如 提示 否则 建議 必須 注意してください おすすめ 推奨 必要があります 必要です 例えば 권장 필요합니다 주의 예를_들어 팁
`

/** What a guide calls itself and its parts. */
export const guideWords = `
  tutorial guide step steps howto how_to walkthrough instructions before_and_after vorher_nachher avant_après workflow quickstart quick_start getting_started usage setup installation
  anleitung schritt schritte tutorial schritt_für_schritt einrichten so_geht tutoriel tuto étape étapes guide comment_faire
  guía tutorial paso pasos cómo paso_a_paso passo passos passo_a_passo como_fazer guida passaggi come_fare
  handleiding stap stappen poradnik krok kroki krok_po_kroku instrukcja návod postup postupujte kroky
  гайд инструкция руководство шаг шаги туториал как_сделать урок пошагово інструкція крок посібник стъпка ръководство
  rehber adım adım_adım panduan langkah cara hướng_dẫn bước cách steg guide så_gör vejledning trin ohje vaihe pas ghid lépés útmutató βήμα οδηγός
  خطوة دليل
  教程 步骤 指南 方法 教學 步驟 手順 方法 使い方 チュートリアル ガイド 가이드 방법 단계 튜토리얼 순서 사용법
`

/** The register of somebody who explains: what is where, what it is for, what happens if nothing is said. */
export const explainingWords = `
  following below above default defaults specify specified specifies refer corresponding contains containing contain applies applied typically
  automatically depending therefore uses allows allow requires used_to such_as parameter parameters option options argument arguments manually each
  overview supported optional instead_of based_on for_example e_g value values section see learn multiple available_in determines controls
  folgende folgenden unten oben standardmäßig automatisch jeweils enthält verwendet verwendest je_nach einstellung einstellungen zum_beispiel wert
  suivant suivante suivants ci_dessous ci_dessus par_défaut automatiquement permet contient chaque paramètre paramètres valeur par_exemple
  siguiente siguientes por_defecto automáticamente permite contiene cada parámetro parámetros opciones valor por_ejemplo
  seguinte seguintes abaixo acima por_padrão automaticamente parâmetro parâmetros opções por_exemplo
  seguente seguenti predefinito automaticamente consente contiene ogni parametro parametri opzioni valore ad_esempio
  volgende hieronder standaard automatisch bevat elke instelling instellingen waarde następujące poniżej domyślnie automatycznie zawiera każdy parametr
  následující níže automaticky obsahuje každý hodnota nasledujúci nižšie predvolene obsahuje každý hodnota
  следующий следующие следующую ниже выше умолчанию автоматически позволяет содержит каждый каждого используется параметр параметры значение настройки
  наступний нижче замовчуванням автоматично містить кожен параметр aşağıdaki varsayılan otomatik içerir her_bir parametre değer
  berikut bawaan otomatis berisi setiap parameter nilai sau_đây mặc_định tự_động mỗi tham_số följande nedan standard automatiskt innehåller varje
  以下 如下 默认 自动 用于 支持 每个 对应 包含 参数 选项 如果 根据 预设 預設 自動 参照 デフォルト それぞれ 場合 指定 詳細 オプション パラメータ 可能です できます
  다음 아래 기본 자동 각각 경우 지정 옵션 매개변수 사용할_수_있 있습니다
`

/** The reader, spoken to. */
export const readerWords = `
  you your yours yourself you're you'll you've du dein deine deinen deinem deiner dir dich ihr euch eure sie_können ihnen vous votre vos tu ton tes
  usted tu tus su tú você vocês seu sua voi tuo tua vostro je jouw uw jij wy twój twoje swój vy vaše váš svoj ty ти ви ваш вы ваш ваши вам тебе
  siz sizin kamu anda bạn dig ditt sinä dumneavoastră
  你 您 你的 あなた 당신 여러분
`
